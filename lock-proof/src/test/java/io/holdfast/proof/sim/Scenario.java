// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;

/**
 * What a run is made of, beside its seed.
 *
 * @param settings the kind of store, lease and timeouts
 * @param clients how many processes
 * @param workers in each process
 * @param workload what they do
 * @param horizon how long they do it
 * @param faults what goes wrong, in order of time
 * @param ratesPpm how fast each node's clock goes, in millionths: the clients', then the store's
 */
record Scenario(
        SimSettings settings,
        int clients,
        int workers,
        Workload workload,
        long horizon,
        List<Fault> faults,
        List<Integer> ratesPpm) {
    Scenario withFaults(List<Fault> others) {
        return new Scenario(settings, clients, workers, workload, horizon, others, ratesPpm);
    }

    Scenario withRates(List<Integer> others) {
        return new Scenario(settings, clients, workers, workload, horizon, faults, others);
    }

    /** Whether the store keeps its leases throughout. */
    boolean keepsLeases() {
        return faults.stream().noneMatch(f -> f.kind().breaksTheLease());
    }
}
