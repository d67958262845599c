// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/** Tells when nothing refers to a handle any more, so that its hold is found forgotten (rule FH-1). */
final class HandleReference extends WeakReference<EngineHandle> {
    final Hold hold;

    HandleReference(EngineHandle handle, Hold hold, ReferenceQueue<EngineHandle> queue) {
        super(handle, queue);
        this.hold = hold;
    }
}
