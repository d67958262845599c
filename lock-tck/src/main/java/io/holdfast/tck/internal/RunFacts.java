// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import io.holdfast.tck.TckRun;
import io.holdfast.tck.TckTime;
import io.holdfast.tck.TestedStore;
import io.holdfast.tck.UsedFixture;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a report says of a run beside its verdicts. */
final class RunFacts {
    /** The property of a seed, to repeat the stays of a run. */
    private static final String SEED_PROPERTY = "holdfast.tck.seed";

    private final ObservedFixture fixture;
    private final Instant begun = Instant.now();
    private final long nanos = System.nanoTime();
    private final long seed = Long.getLong(SEED_PROPERTY, nanos);
    private final TckRun.Build kit;
    private final Map<String, String> jars;

    RunFacts(ObservedFixture fixture, LockConfig config, LockBackend backend) throws IOException {
        this.fixture = fixture;
        this.kit = Builds.kit();
        Set<Class<?>> types = new LinkedHashSet<>(Set.of(LockTck.class, LockBackend.class));
        types.add(fixture.observed().getClass());
        types.add(backend.getClass());
        types.addAll(Jars.providers(BackendConfig.of(config).uri().scheme()));
        this.jars = Jars.of(types);
    }

    long seed() {
        return seed;
    }

    TckRun run(TckTime time) {
        return new TckRun(
                kit,
                Builds.machine(),
                jars,
                new TckRun.Course(
                        begun.truncatedTo(ChronoUnit.SECONDS),
                        Duration.ofNanos(System.nanoTime() - nanos),
                        time.scale(),
                        seed));
    }

    TestedStore store(String address, Capabilities capabilities) {
        LockBackendFixture given = fixture.observed();
        UsedFixture used = new UsedFixture(
                given.getClass().getName(), isOfTheKit(given.getClass()), given.serverOfTheLab(), fixture.hooks());
        return new TestedStore(address, fixture.serverVersion(), capabilities, used);
    }

    /** Of the very jar that this is in. */
    private static boolean isOfTheKit(Class<?> type) {
        return Objects.equals(
                type.getProtectionDomain().getCodeSource(),
                LockTck.class.getProtectionDomain().getCodeSource());
    }
}
