// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;

/** Finds holds that nobody can release any more (rule FH-1): looked for at every renewal round. Thread-safe. */
final class ForgottenHolds {
    private final EngineClient client;
    private final ReferenceQueue<EngineHandle> unreachable = new ReferenceQueue<>();

    ForgottenHolds(EngineClient client) {
        this.client = client;
    }

    /** Watches a handle. */
    void watch(EngineHandle handle, Hold hold) {
        hold.handle = new HandleReference(handle, hold, unreachable);
    }

    void end() {
        for (Reference<? extends EngineHandle> r = unreachable.poll(); r != null; r = unreachable.poll()) {
            if (r instanceof HandleReference h) {
                end(h.hold, "nothing refers to its handle any more");
            }
        }
        client.eachName(state -> {
            Hold hold = state.hold();
            if (hold != null && hold.owner.isDead()) {
                end(hold, "its owner, " + hold.owner + ", has ended without releasing it");
            }
        });
        client.lostHolds().dropDeadOwners();
    }

    private static void end(Hold hold, String why) {
        NameState state = hold.place.state;
        state.deliver(() -> state.endByForce(hold, why));
    }
}
