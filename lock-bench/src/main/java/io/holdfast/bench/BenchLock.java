// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

/** A lock of one library, on one name. Used by one thread. */
interface BenchLock {
    /** Waits without limit. */
    void lock() throws Exception;

    void unlock() throws Exception;

    /** One client of a library, for all threads of a process. */
    interface Client extends AutoCloseable {
        BenchLock on(String name) throws Exception;

        @Override
        void close();
    }
}
