// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * Counts of one client since it was opened, and its state now; a snapshot, not atomic over its parts.
 *
 * @param held holds now
 * @param waiting waiters now
 * @param names names with any state now; idle ones are dropped
 * @param acquired holds given, hand-offs included
 * @param handoffs holds given without a request to the store
 * @param lost holds lost
 * @param regressions grants refused for their token
 * @param contends contenders sent to the store
 * @param releases releases sent to the store
 * @param renewals renewal rounds sent to the store
 * @param failures requests that failed or whose outcome stayed unknown
 * @param sessions sessions opened
 */
public record LockMetrics(
        long held,
        long waiting,
        long names,
        long acquired,
        long handoffs,
        long lost,
        long regressions,
        long contends,
        long releases,
        long renewals,
        long failures,
        long sessions) {}
