// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

/** One thread's lock by another library, used as that library's documentation says. */
interface PeerLock {
    /** Waits until it is held. */
    void acquire() throws Exception;

    /** Whether the thread still holds, as far as the library tells its user. */
    boolean isHeld() throws Exception;

    void release() throws Exception;

    /** A client of a library, for all threads of a process. */
    interface Client extends AutoCloseable {
        PeerLock lock(String name) throws Exception;

        @Override
        void close();
    }
}
