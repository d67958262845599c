// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Reports of runs that never were. */
final class Reports {
    private Reports() {}

    /** Of a store that every process sees, through a fixture with some hooks. */
    static TestedStore store(Hook... hooks) {
        Map<Hook, Boolean> has = new EnumMap<>(Hook.class);
        for (Hook hook : hooks) {
            has.put(hook, true);
        }
        return new TestedStore(
                "store",
                "1.2.3",
                Capabilities.of(LeaseScope.SESSION).build(),
                new UsedFixture("TheirFixture", false, false, has));
    }

    static TckReport of(Tally tally, TestedStore store) {
        TckRun run = new TckRun(
                new TckRun.Build("1.0", "", "0".repeat(64)),
                new TckRun.Machine("17", "Linux", 2),
                Map.of(),
                new TckRun.Course(Instant.EPOCH, Duration.ofSeconds(1), 1, 42));
        return new TckReport(store, run, tally.verdicts(store), tally.histories());
    }

    static TckReport of(Tally tally) {
        return of(tally, store());
    }
}
