// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.lab.server.Servers;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each contestant does each work; what it measures here is nothing to rely on. */
class TrialTest {
    private static final Trial.Length SHORTEST = new Trial.Length(1, 1, 1);

    private static String endpoint(BenchStore store) {
        return Servers.shared(store.kind()).node(1).endpoint();
    }

    @ParameterizedTest
    @EnumSource
    void oneThreadIsMeasuredOnEachStore(BenchStore store) throws Exception {
        Row row = new Row(store, Work.ONE_THREAD);
        for (Contestant contestant : row.contestants()) {
            List<Result> results = new Trial(store, contestant, Work.ONE_THREAD).run(endpoint(store), SHORTEST);
            assertThat(results).hasSize(1);
            assertThat(results.get(0).cycles()).as("cycles of %s", contestant).isPositive();
            assertThat(results.get(0).p50()).isBetween(1_000L, results.get(0).p99());
            row.add(contestant, results);
        }
        assertThat(row.line()).contains(store.peerTitle());
        assertThat(row.json()).contains("HOLDFAST", "PEER", "FLOOR");
    }

    @ParameterizedTest
    @EnumSource
    void eachWorkIsMeasured(Work work) throws Exception {
        List<Result> results =
                new Trial(BenchStore.REDIS, Contestant.HOLDFAST, work).run(endpoint(BenchStore.REDIS), SHORTEST);
        assertThat(results).hasSize(work.processes());
        assertThat(results).allSatisfy(one -> assertThat(one.shares()).hasSize(work.threads()));
        assertThat(results).allSatisfy(one -> assertThat(one.cycles()).isPositive());
    }
}
