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
     * Waiters now.
     *
     * @return how many
     */
    long waiting();

    /**
     * Names with any state now; idle ones are dropped.
     *
     * @return how many
     */
    long names();

    /**
     * Holds given, hand-offs included.
     *
     * @return how many since the client was opened
     */
    long acquired();

    /**
     * Holds given without a request to the store.
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
     * Grants refused for their token.
     *
     * @return how many since the client was opened
     */
    long regressions();

    /**
     * Contenders sent to the store.
     *
     * @return how many since the client was opened
     */
    long contends();

    /**
     * Releases sent to the store.
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
     * Sessions opened.
     *
     * @return how many since the client was opened
     */
    long sessions();
}
