// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.concurrent.Executor;

/**
 * Where a client gets its time and its threads from: a clock, a scheduler on that clock, and an executor.
 *
 * <p>Without one in the configuration, all clients of a JVM share one runtime of a few daemon threads, which end when the
 * last client is closed (rule CL-3). A simulation hands in its own, in which one thread runs everything in a seeded order.
 * Who hands a runtime in, ends it; a client never does.
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
     * Runs what may block: requests of blocking backends that no caller waits for, and the client's own work. It must not run a task on
     * the thread that hands it in, and must not refuse one for as long as a client uses it: what is refused is asked again after a moment,
     * a few times, and then given up with an error in the log.
     *
     * @return the same object at every call
     */
    Executor executor();

    /**
     * Makes an executor for what belongs to the user: listeners, actions on loss, completions of asynchronous acquisitions. A client
     * makes one for each kind, so that code of one kind, blocked in whatever number, stops neither the other kinds, nor other clients,
     * nor the engine (rule LI-2). As {@link #executor()} it runs no task on the thread that hands it in, and refuses none.
     *
     * @return by default {@link #executor()}, which a single-threaded simulation may want; a runtime with threads returns a new one at
     *     every call
     */
    default Executor callbacks() {
        return executor();
    }
}
