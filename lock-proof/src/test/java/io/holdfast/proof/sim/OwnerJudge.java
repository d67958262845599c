// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockClosedException;
import io.holdfast.LockLostException;
import io.holdfast.proof.sim.SimOwner.Holding;

/** Judges owners that are no handles: rules RE-1, RE-3, RE-4, RE-5, RE-8, FT-2. */
final class OwnerJudge {
    /** A task of the executor takes a tenth of a millisecond. */
    private static final long AT_ONCE = 5 * SimSettings.MILLI;

    private final Judges judges;

    OwnerJudge(Judges judges) {
        this.judges = judges;
    }

    /** An owner has asked; nothing has happened since the look at what it holds. */
    void asked(SimRequest r, long requestsSent) {
        if (!r.reenters) {
            return;
        }
        if (requestsSent != 0) {
            judges.fail("RE-3", "a re-entry sent a request: " + r);
        }
        mustEndAtOnce(r, "RE-1", "the owner of a valid hold waits: ");
    }

    private void mustEndAtOnce(SimRequest r, String rule, String what) {
        judges.world().in(r.client.node(), AT_ONCE, "at once", () -> {
            if (r.isWaiting()) {
                judges.fail(rule, what + r);
            }
        });
    }

    /** An owner has come to hold: so do all of its threads that wait. */
    void began(SimHold h) {
        SimRequest r = h.request;
        if (r.reenters) {
            judges.fail("FT-2", "a re-entry came with another token: " + h);
        }
        if (r.lossUntold) {
            judges.fail("RE-5", "the owner of a lost hold got another before it was told: " + h);
        }
        for (SimRequest other : judges.waits().waiting()) {
            if (other.client == r.client && other.owner == r.owner && other.name.equals(r.name)) {
                mustEndAtOnce(other, "RE-8", "its owner holds, and it waits: ");
            }
        }
    }

    void refused(SimRequest r, RuntimeException why) {
        if (r.reenters && !(why instanceof LockClosedException)) {
            judges.fail("RE-1", "the owner of a valid hold is refused: " + r + ": " + why.getMessage());
        }
        if (r.lossUntold && !(why instanceof LockClosedException)) {
            judges.fail("RE-5", "the owner of a lost hold is told something else: " + r + ": " + why.getMessage());
        }
    }

    void refusedAsLost(SimRequest r, LockLostException why) {
        Holding holding = r.holding;
        if (r.reenters || holding == null) {
            judges.fail("RE-5", "told of a loss that was none: " + r + ": " + why.getMessage());
        }
    }

    /** A level was given up, and others are left. */
    void gaveUpInner(Holding holding, int levelsLeft, boolean asked) {
        if (!holding.isValid() || levelsLeft < Math.max(1, holding.levels)) {
            judges.fail(
                    "RE-4",
                    "an inner release left " + levelsLeft + " of " + holding.levels + " levels: " + holding.hold);
        }
        if (asked) {
            judges.fail("RE-3", "an inner release asked the store: " + holding.hold);
        }
    }

    void givesUpLast(Holding holding) {
        if (holding.levels != 1) {
            judges.fail("RE-4", "the engine counts one level of " + holding.levels + ": " + holding.hold);
        }
    }

    /** What a release of a hold that ended must have said. */
    void releasedLost(Holding holding, RuntimeException thrown) {
        if (!(thrown instanceof LockLostException)) {
            judges.fail("RE-5", "a release of a lost hold was not told so, but " + thrown + ": " + holding.hold);
        }
    }

    void releasedValid(Holding holding, RuntimeException thrown) {
        if (thrown != null) {
            judges.fail("RE-4", "a release of a valid hold threw " + thrown + ": " + holding.hold);
        }
    }
}
