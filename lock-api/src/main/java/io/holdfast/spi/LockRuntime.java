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
     * Runs what may block or belongs to the user: listeners, completions of asynchronous acquisitions, requests of blocking
     * backends that no caller waits for. It must not run a task on the thread that hands it in.
     *
     * @return the same object at every call
     */
    Executor executor();
}
