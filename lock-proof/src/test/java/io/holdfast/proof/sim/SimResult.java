// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param violation the first broken rule, or null
 * @param simulated virtual nanoseconds
 * @param events how many happened
 * @param hash of all events, the same whenever the run is repeated
 * @param answered acquisitions that were granted or refused
 * @param injected faults by kind
 * @param trace the last lines, when asked for
 */
record SimResult(
        Violation violation,
        long simulated,
        long events,
        long hash,
        long answered,
        Map<FaultKind, Integer> injected,
        List<String> trace) {
    boolean isGood() {
        return violation == null;
    }

    int faults() {
        return injected.values().stream().mapToInt(Integer::intValue).sum();
    }
}
