// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;

/**
 * What workers do.
 *
 * @param names the locks they use
 * @param pauseNanos between two acquisitions, on average
 * @param holdNanos how long a usual hold lasts, on average
 * @param habit how they wait
 */
record Workload(List<String> names, long pauseNanos, long holdNanos, Habit habit) {
    /** How workers wait and hold. */
    enum Habit {
        /** They wait without limit and hold for the usual time. */
        WAITS,
        /** They also try, limit, cancel, and hold for long. */
        VARIES,
        /** Nearly all of them try, and a few wait. */
        TRIES,
        /** They cancel nearly always, about when the grant comes. */
        CANCELS,
        /** They lock as a {@code Lock} is used, by owners: see {@link OwnerWorker}. */
        OWNS
    }
}
