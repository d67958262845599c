// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A simulated store answers as the real one does: the same random steps of three sessions go to both, and after each the same is to be
 * seen of every contender. {@code -Dholdfast.difference.seed} repeats other steps.
 */
class DifferenceTest {
    private static final int SESSIONS = 3;
    private static final int STEPS = 150;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final List<String> NAMES = List.of("stock", "report");

    /** What both are asked, and what is seen. */
    private abstract static class Side implements AutoCloseable, SessionEvents {
        final List<LockSession> sessions = new ArrayList<>();
        private final Map<Long, CompletableFuture<Boolean>> lost = new ConcurrentHashMap<>();
        final List<Contender> contenders = new ArrayList<>();
        final Map<String, Long> newestToken = new HashMap<>();

        abstract String name(String shown);

        abstract <T> T now(CompletionStage<T> stage);

        @Override
        public void close() {
            sessions.forEach(session -> now(session.close()));
        }

        void contend(int session, LockRequest request) {
            Contender contender = sessions.get(session).contend(request);
            contenders.add(contender);
            contender.start();
        }

        LockRequest request(String shown, long id, boolean enqueue, Integer releasing) {
            return LockRequest.exclusive(name(shown), id, enqueue, releasing == null ? null : grant(releasing));
        }

        Grant grant(int contender) {
            return now(contenders.get(contender).granted());
        }

        @Override
        public void sessionLost(String why) {
            throw new IllegalStateException("no step ends a session: " + why);
        }

        @Override
        public void grantLost(Grant grant, String why) {
            lossOf(grant.contenderId()).complete(true);
        }

        private CompletableFuture<Boolean> lossOf(long contenderId) {
            return lost.computeIfAbsent(contenderId, id -> new CompletableFuture<>());
        }

        /** A renewal says so, or the session by itself, which may hear of it later than who did it hears that it is done. */
        void learnsOfItsLoss(int session, int contender) {
            if (!renewed(session, List.of(contender)).contains("gone")) {
                now(lossOf(contenders.get(contender).request().contenderId()));
            }
        }

        /** Rule FT-1, of each side by itself: their numbers are their own. */
        void noteTokens(String shown, int contender) {
            if (isGranted(contender)) {
                long token = grant(contender).storeToken();
                Long before = newestToken.put(shown + " of " + contender, token);
                if (before == null) {
                    newestToken.merge(shown, token, (older, newer) -> {
                        assertThat(newer).as("tokens of %s grow", shown).isGreaterThan(older);
                        return newer;
                    });
                }
            }
        }

        private boolean isGranted(int contender) {
            CompletionStage<Grant> granted = contenders.get(contender).granted();
            return granted.toCompletableFuture().isDone() && now(granted) != null;
        }

        String seen(int contender) {
            Contender one = contenders.get(contender);
            if (!one.answered().toCompletableFuture().isDone()) {
                return "asked";
            }
            if (one.answered().toCompletableFuture().isCompletedExceptionally()) {
                return "failed";
            }
            boolean settled = one.granted().toCompletableFuture().isDone();
            return now(one.answered()) + (isGranted(contender) ? ", holds" : settled ? ", nothing" : ", waits");
        }

        /** What is seen once that had time to come which is expected. */
        String seenOnce(int contender, String expected) {
            Contender one = contenders.get(contender);
            if (!expected.equals("failed")) {
                now(one.answered());
            }
            if (!expected.endsWith("waits")) {
                now(one.granted());
            }
            return seen(contender);
        }

        /** What a renewal says: a store that says nothing of a contender leaves it as it was. */
        String renewed(int session, List<Integer> named) {
            Renewal renewal = now(sessions.get(session)
                    .renew(named.stream().map(contenders::get).toList()));
            StringBuilder said = new StringBuilder();
            for (int contender : named) {
                ContenderStatus status = renewal.statuses()
                        .get(contenders.get(contender).request().contenderId());
                boolean silent = status == null || status instanceof ContenderStatus.Unknown;
                boolean holds = silent ? isGranted(contender) : status instanceof ContenderStatus.Holding;
                said.append(contender)
                        .append(status == ContenderStatus.GONE ? " gone; " : holds ? " holds; " : " waits; ");
            }
            return said.toString();
        }
    }

    private static final class Simulated extends Side {
        private final SimWorld world = new SimWorld(false);
        private final SimStore store;

        Simulated(Personality personality) {
            SimSettings settings = SimSettings.of(personality).withLease(LEASE.toNanos());
            Judges judges = new Judges(world, settings, new Weather(world, SESSIONS), true);
            SimNode node = new SimNode(world, new SimRandom(9), "store", SESSIONS, 0);
            store = switch (personality) {
                case REDIS -> new TtlStore(world, node, new SimRandom(8), settings, judges);
                case ZOOKEEPER -> new TickStore(world, node, new SimRandom(8), settings, judges);
                case ETCD, CONSUL -> new KeyedStore(world, node, new SimRandom(8), settings, judges);
            };
            for (int i = 0; i < SESSIONS; i++) {
                SimNode client = new SimNode(world, new SimRandom(i), "client-" + i, i, 0);
                SimRuntime runtime = new SimRuntime(world, client, new SimRandom(10 + i));
                SimLink link = new SimLink(world, client, runtime, store, new SimRandom(20 + i), new LinkFaults());
                sessions.add(now(new SimBackend(world, store, link, judges)
                        .openSession(new SessionOptions(LEASE, "test", runtime), this)));
            }
        }

        @Override
        String name(String shown) {
            return shown;
        }

        @Override
        <T> T now(CompletionStage<T> stage) {
            if (!stage.toCompletableFuture().isDone()) {
                settle();
            }
            assertThat(stage.toCompletableFuture()).isDone();
            return stage.toCompletableFuture().join();
        }

        void settle() {
            world.run(world.now() + SimSettings.SECOND);
            assertThat(world.violation()).isNull();
        }

        void force(String name) {
            store.forceRelease(name);
            settle();
        }
    }

    private static final class Real extends Side {
        private static final Map<Personality, StoreKind> KINDS = Map.of(
                Personality.REDIS, StoreKind.REDIS_7,
                Personality.ZOOKEEPER, StoreKind.ZOOKEEPER_3_9,
                Personality.ETCD, StoreKind.ETCD_3_4,
                Personality.CONSUL, StoreKind.CONSUL_1_8);

        private final KitRuntime runtime = new KitRuntime();
        private final String own = UUID.randomUUID().toString();
        private final LockBackend backend;

        Real(Personality personality) {
            String scheme = personality.name().toLowerCase(Locale.ROOT);
            String url = scheme + "://" + Servers.shared(KINDS.get(personality)).endpoints();
            LockBackendProvider provider = ServiceLoader.load(LockBackendProvider.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(one -> one.schemes().contains(scheme))
                    .findFirst()
                    .orElseThrow();
            backend = provider.open(BackendConfig.of(LockConfig.of(url).withRuntime(runtime)));
            for (int i = 0; i < SESSIONS; i++) {
                sessions.add(now(backend.openSession(new SessionOptions(LEASE, "test", runtime), this)));
            }
        }

        @Override
        String name(String shown) {
            return shown + "-" + own;
        }

        @Override
        <T> T now(CompletionStage<T> stage) {
            return stage.toCompletableFuture()
                    .copy()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        }

        void force(String name) {
            now(backend.forceRelease(name, OptionalLong.empty()));
        }

        @Override
        public void close() {
            super.close();
            backend.close();
            runtime.close();
        }
    }

    /** One session's contender for one name, as the steps know it. */
    private record Place(int session, String name) {}

    private final Map<Place, Integer> current = new HashMap<>();
    private final Map<Place, Integer> before = new HashMap<>();
    private final List<String> steps = new ArrayList<>();
    private long lastId;

    @ParameterizedTest
    @EnumSource
    @Timeout(180)
    void theSameStepsHaveTheSameAnswers(Personality personality) {
        long seed = Long.getLong("holdfast.difference.seed", 1);
        Random random = new Random(seed);
        try (Simulated simulated = new Simulated(personality);
                Real real = new Real(personality)) {
            for (int i = 0; i < STEPS; i++) {
                Place place = new Place(random.nextInt(SESSIONS), NAMES.get(random.nextInt(NAMES.size())));
                step(place, random, simulated, real);
                compare(simulated, real);
            }
            assertThat(steps)
                    .as("the steps of seed %d reach every kind of answer", seed)
                    .anyMatch(step -> step.contains("BUSY"))
                    .anyMatch(step -> step.contains("waits"))
                    .anyMatch(step -> step.contains("given up with an entry"))
                    .anyMatch(step -> step.contains("released again: false"))
                    .anyMatch(step -> step.contains("by force"));
        }
    }

    private void step(Place place, Random random, Simulated simulated, Real real) {
        Integer mine = current.get(place);
        int lot = random.nextInt(10);
        if (mine == null) {
            Integer old = before.get(place);
            if (old != null && lot == 0) {
                both("released again", place, old, simulated, real);
            } else {
                contend(place, lot < 7, null, simulated, real);
            }
        } else if (simulated.seen(mine).endsWith("waits")) {
            if (lot < 4) {
                note(place + " withdraws");
                simulated.now(simulated.contenders.get(mine).withdraw());
                real.now(real.contenders.get(mine).withdraw());
                current.remove(place);
            }
        } else if (lot < 4) {
            both("released", place, mine, simulated, real);
            end(place, mine);
        } else if (lot < 7) {
            note(place + " given up with an entry");
            contend(place, true, mine, simulated, real);
            before.put(place, mine);
        } else if (lot == 7) {
            note(place + " loses by force");
            simulated.force(simulated.name(place.name()));
            real.force(real.name(place.name()));
            real.learnsOfItsLoss(place.session(), mine);
            end(place, mine);
        }
    }

    private void both(String what, Place place, int contender, Simulated simulated, Real real) {
        boolean expected = simulated.now(simulated.sessions.get(place.session()).release(simulated.grant(contender)));
        boolean found = real.now(real.sessions.get(place.session()).release(real.grant(contender)));
        note(place + " " + what + ": " + expected);
        assertThat(found).as("%s", steps).isEqualTo(expected);
    }

    private void contend(Place place, boolean enqueue, Integer releasing, Simulated simulated, Real real) {
        long id = ++lastId;
        simulated.contend(place.session(), simulated.request(place.name(), id, enqueue, releasing));
        real.contend(place.session(), real.request(place.name(), id, enqueue, releasing));
        int mine = simulated.contenders.size() - 1;
        simulated.settle();
        String seen = simulated.seen(mine);
        note(place + (enqueue ? " contends" : " tries") + " as " + mine + ": " + seen);
        current.put(place, mine);
        if (releasing != null) {
            assertThat(real.now(real.contenders.get(mine).released()))
                    .isEqualTo(simulated.now(simulated.contenders.get(mine).released()));
        }
        assertThat(real.seenOnce(mine, seen)).as("%s", steps).isEqualTo(seen);
        if (seen.contains("BUSY")) {
            current.remove(place);
        }
    }

    private void end(Place place, int mine) {
        current.remove(place);
        before.put(place, mine);
    }

    private void note(String step) {
        steps.add(step);
    }

    private void compare(Simulated simulated, Real real) {
        simulated.settle();
        for (Map.Entry<Place, Integer> one : current.entrySet()) {
            int contender = one.getValue();
            String seen = simulated.seen(contender);
            assertThat(real.seenOnce(contender, seen))
                    .as("contender %d of %s after %s", contender, one.getKey(), steps)
                    .isEqualTo(seen);
            simulated.noteTokens(one.getKey().name(), contender);
            real.noteTokens(one.getKey().name(), contender);
        }
        for (int session = 0; session < SESSIONS; session++) {
            int asking = session;
            List<Integer> named = current.entrySet().stream()
                    .filter(one -> one.getKey().session() == asking)
                    .map(Map.Entry::getValue)
                    .sorted()
                    .toList();
            assertThat(real.renewed(session, named)).as("%s", steps).isEqualTo(simulated.renewed(session, named));
        }
    }
}
