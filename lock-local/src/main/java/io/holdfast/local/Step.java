// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

/** The moments between two changes of a {@link LockDirectory}: a test kills a process at each of them. */
enum Step {
    THREAD_MADE,
    SESSION_DIRECTORY_MADE,
    SESSION_LOCK_MADE,
    SESSION_LOCKED,
    SESSION_DESCRIBED,
    SESSION_OPENED,
    NAME_MADE,
    TOKEN_READ,
    TOKEN_RENAMED,
    TOKEN_DURABLE,
    HOLDER_RECORDED,
    RECORD_REMOVED,
    NEXT_RUNG,
    NAME_REMOVED;

    /** Told when a process comes to a step. */
    interface Observer {
        /** In production nobody looks. */
        Observer NONE = step -> {};

        void reached(Step step);
    }
}
