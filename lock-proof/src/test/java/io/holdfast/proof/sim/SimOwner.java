// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOwner;
import java.util.HashMap;
import java.util.Map;

/** An owner in a simulated process: a thread, or several that share one. What it should hold is counted here, beside the engine. */
final class SimOwner {
    final LockOwner identity;
    final boolean isShared;
    private final Map<String, Holding> latest = new HashMap<>();

    /** What it holds of a name, or held. */
    static final class Holding {
        final SimHold hold;

        /** How many levels its threads know that they have to give up. */
        int levels = 1;

        /** How many calls have been told of its loss, at the least. */
        int told;

        Holding(SimHold hold) {
            this.hold = hold;
        }

        boolean isValid() {
            return hold.handle.isValid();
        }
    }

    SimOwner(String label, boolean isShared) {
        this.identity = LockOwner.named(label);
        this.isShared = isShared;
    }

    /** Null when no level of its latest hold of the name is left to be given up. */
    Holding of(String name) {
        Holding holding = latest.get(name);
        return holding == null || holding.levels == 0 ? null : holding;
    }

    /** One level more of its latest hold of the name; null when that has another token. */
    Holding reenters(String name, long token) {
        Holding holding = latest.get(name);
        if (holding == null || holding.hold.token != token) {
            return null;
        }
        holding.levels++;
        return holding;
    }

    Holding begins(SimHold hold) {
        Holding holding = new Holding(hold);
        latest.put(hold.name(), holding);
        return holding;
    }
}
