// SPDX-License-Identifier: Apache-2.0
package io.holdfast.providers;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.MapTable;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Providers as strangers write them, good and bad. They are loaded by a class loader that {@link ForeignLoader} makes. */
public final class StubProviders {
    /** What the last {@link Good} was opened with, and made. */
    public static volatile BackendConfig config;

    public static volatile MapTable table;

    /** Of {@link Starting}: how often its {@code open} fails, how often the first session of what it has opened, and what it opened. */
    public static final AtomicInteger UNREACHED = new AtomicInteger();

    /** How long the first one takes to be made. */
    /** What the one that starts is told of the time that each of its backends has to connect. */
    public static final List<Duration> ALLOWED = new CopyOnWriteArrayList<>();

    /** What it says of an opening that failed. */
    public static volatile Optional<String> mistake = Optional.empty();

    public static volatile Duration slowness = Duration.ZERO;

    public static final AtomicInteger UNANSWERED = new AtomicInteger();
    public static final List<MapTable> MADE = new CopyOnWriteArrayList<>();

    private StubProviders() {}

    /** Leases of 1 s to 1 min in steps of 500 ms. */
    public static final class Good implements LockBackendProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("stub");
        }

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "poll-interval",
                    "how often",
                    "token",
                    "a secret",
                    "reports.lease",
                    "to be mistaken",
                    "extra-config",
                    "a file");
        }

        @Override
        public Set<String> urlSettings() {
            return Set.of("poll-interval", "token");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            config = given;
            MapTable made = new MapTable(given.runtime().clock());
            made.capabilities = Capabilities.of(LeaseScope.GRANT)
                    .blocking(true)
                    .leases(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMillis(500))
                    .build();
            table = made;
            return TableBackend.of(made);
        }
    }

    /** Serves one scheme that {@link Good} serves too. */
    public static final class Rival implements LockBackendProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("stub", "rival");
        }

        @Override
        public Map<String, String> settings() {
            return Map.of("rival-size", "of the rival only");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            throw new AssertionError("not to be opened");
        }
    }

    /** Cannot be made. */
    public static final class Broken implements LockBackendProvider {
        public Broken() {
            throw new IllegalStateException("broken on purpose");
        }

        @Override
        public Set<String> schemes() {
            return Set.of("broken");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            throw new AssertionError("not to be opened");
        }
    }

    /** Can be made, but does not answer. */
    public static final class Mute implements LockBackendProvider {
        @Override
        public Set<String> schemes() {
            throw new NoClassDefFoundError("stranger/Client");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            throw new AssertionError("not to be opened");
        }
    }

    /** Fails as often as is said above. */
    public static final class Starting implements LockBackendProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("starting");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            ALLOWED.add(given.connectTimeout());
            if (UNREACHED.getAndDecrement() > 0) {
                throw new LockUnavailableException("store starting:x: nobody is reached");
            }
            if (MADE.isEmpty()) {
                LockSupport.parkNanos(slowness.toNanos());
            }
            MapTable made = new MapTable(given.runtime().clock());
            made.before = call -> {
                if (call.equals("inspect") && UNANSWERED.getAndDecrement() > 0) {
                    throw new LockOutcomeUnknownException("store starting:x: no answer");
                }
            };
            MADE.add(made);
            return TableBackend.of(made);
        }

        @Override
        public Optional<String> mistake(BackendConfig given) {
            return mistake;
        }
    }

    /** Its {@code open} fails as the path of the URL says. */
    public static final class Failing implements LockBackendProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("failing");
        }

        @Override
        public LockBackend open(BackendConfig given) {
            switch (given.uri().path()) {
                case "linkage" -> throw new NoClassDefFoundError("stranger/Client");
                case "unavailable" -> throw new LockUnavailableException("the store is down");
                default -> throw new IllegalStateException("driver bug");
            }
        }
    }
}
