// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.concurrent.Executor;

/**
 * Where a client gets its time and its threads from: a clock, a scheduler on that clock, and an executor.
 *
 * <p>Without one in the configuration, all clients of a JVM share one runtime of a few daemon threads, which end when the
 * last client is closed (rule CL-3). A simulation hands in its own, in which one thread runs everything in a seeded order.
 * A runtime that was handed in is ended by its owner, never by a client. Thread-safe.
 */
public interface LockRuntime {
    /**
     * The clocks.
     *
     * @return the same object at every call
     */
    LockClock clock();

    /**
     * The scheduler, on the clock's time.
     *
     * @return the same object at every call
     */
    LockScheduler scheduler();

    /**
     * The executor of what may block: requests of blocking backends that no caller waits for, and the client's own work.
     *
     * <p>It must not run a task on the thread that hands it in, and must not refuse one for as long as a client uses it. A task that is
     * refused is handed in again after a moment, a few times, and then given up with an error in the log.
     *
     * @return the same object at every call
     */
    Executor executor();

    /**
     * Makes an executor for the user's code. A client makes two: one for listeners and actions on loss, one for what follows asynchronous
     * acquisitions. So code of one kind, however much of it blocks, stops neither that of the other, nor other clients, nor the engine
     * (rule LI-2). As {@link #executor()} it must run no task on the thread that hands it in, and refuse none.
     *
     * @return by default {@link #executor()}, which a single-threaded simulation may want; a runtime with threads returns a new one at
     *     every call
     */
    default Executor callbacks() {
        return executor();
    }
}
