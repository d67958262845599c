// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * Counts of one client since it was opened, and its state now; a snapshot, not atomic over its parts. Immutable.
 *
 * <p>Made by Holdfast alone: a later release may count more, by methods that are new here.
 */
public interface LockMetrics {
    /**
     * Holds now.
     *
     * @return how many
     */
    long held();

    /**
     * Waiters now: threads and asynchronous acquisitions of this client that wait for a lock.
     *
     * @return how many
     */
    long waiting();

    /**
     * Names that this client holds, waits for, or is still giving up now.
     *
     * @return how many
     */
    long names();

    /**
     * Holds given, hand-offs included; a re-entry is none.
     *
     * @return how many since the client was opened
     */
    long acquired();

    /**
     * Hand-offs: holds given to the next waiter of this client without a request to the store.
     *
     * @return how many since the client was opened
     */
    long handoffs();

    /**
     * Holds lost.
     *
     * @return how many since the client was opened
     */
    long lost();

    /**
     * Grants refused because their token was not above an earlier one ({@link FencingRegressionException}).
     *
     * @return how many since the client was opened
     */
    long regressions();

    /**
     * Requests for a lock that were sent to the store, polls included.
     *
     * @return how many since the client was opened
     */
    long contends();

    /**
     * Grants given back to the store: each once, however often the store had to be asked, and alone or along with a request for the lock.
     *
     * @return how many since the client was opened
     */
    long releases();

    /**
     * Renewal rounds sent to the store.
     *
     * @return how many since the client was opened
     */
    long renewals();

    /**
     * Requests that failed or whose outcome stayed unknown.
     *
     * @return how many since the client was opened
     */
    long failures();

    /**
     * Sessions opened in the store, the first one included.
     *
     * @return how many since the client was opened
     */
    long sessions();
}
