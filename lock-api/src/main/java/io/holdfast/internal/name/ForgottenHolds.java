// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/** Finds holds that nobody can release any more (rule FH-1): looked for at every renewal round. Thread-safe. */
public final class ForgottenHolds {
    private final NameTable names;
    private final ReferenceQueue<Object> unreachable = new ReferenceQueue<>();

    /** Those of one client. */
    public ForgottenHolds(NameTable names) {
        this.names = names;
    }

    /** Watches the only object by which a hold can be released. */
    public void watch(Object handle, Hold hold) {
        hold.handle = new HandleReference(handle, hold, unreachable);
    }

    /** Ends those that were forgotten. */
    public void end() {
        for (Reference<?> r = unreachable.poll(); r != null; r = unreachable.poll()) {
            if (r instanceof HandleReference h) {
                end(h.hold, "nothing refers to its handle any more");
            }
        }
        names.each(state -> {
            Hold hold = state.hold();
            if (hold != null && hold.owner.isDead()) {
                end(hold, "its owner, " + hold.owner + ", has ended without releasing it");
            }
        });
        names.lostHolds().dropDeadOwners();
    }

    private static void end(Hold hold, String why) {
        hold.home.abandoned(hold, why);
    }

    /** Tells when nothing refers to a handle any more. */
    private static final class HandleReference extends WeakReference<Object> {
        final Hold hold;

        HandleReference(Object handle, Hold hold, ReferenceQueue<Object> queue) {
            super(handle, queue);
            this.hold = hold;
        }
    }
}
