// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulated stores and backends, driven by hand through the SPI: they keep it, so that a violation is the engine's. */
class SimStoreTest {
    /** A store with two clients, and sessions of theirs. */
    private static final class Bench {
        final SimWorld world = new SimWorld(true);
        final SimSettings settings;
        final SimStore store;
        final Judges judges;
        final List<LinkFaults> faults = new ArrayList<>();
        final List<LockSession> sessions = new ArrayList<>();
        final List<String> lost = new ArrayList<>();

        Bench(Personality personality) {
            settings = SimSettings.of(personality);
            judges = new Judges(world, settings, new Weather(world, 2), true);
            SimNode node = new SimNode(world, new SimRandom(9), "store", 2, 0);
            store = switch (personality) {
                case REDIS -> new TtlStore(world, node, new SimRandom(8), settings, judges);
                case ZOOKEEPER -> new TickStore(world, node, new SimRandom(8), settings, judges);
                case ETCD, CONSUL -> new KeyedStore(world, node, new SimRandom(8), settings, judges);
            };
            sessions.add(open(0));
            sessions.add(open(1));
        }

        private LockSession open(int index) {
            SimNode node = new SimNode(world, new SimRandom(index), "client-" + index, index, 0);
            SimRuntime runtime = new SimRuntime(world, node, new SimRandom(10 + index));
            LinkFaults link = new LinkFaults();
            faults.add(link);
            SimBackend backend = new SimBackend(
                    world, store, new SimLink(world, node, runtime, store, new SimRandom(20 + index), link), judges);
            return now(backend.openSession(
                    new SessionOptions(Duration.ofNanos(settings.lease()), "test", runtime), new SessionEvents() {
                        @Override
                        public void sessionLost(String why) {
                            lost.add("session of client-" + index);
                        }

                        @Override
                        public void grantLost(Grant grant, String why) {
                            lost.add("grant of client-" + index);
                        }
                    }));
        }

        <T> T now(CompletionStage<T> stage) {
            world.run(world.now() + SimSettings.SECOND);
            assertThat(world.violation()).isNull();
            assertThat(stage.toCompletableFuture()).isDone();
            return stage.toCompletableFuture().join();
        }

        Contender contend(int client, long id, boolean enqueue) {
            Contender contender = sessions.get(client).contend(LockRequest.exclusive("stock", id, enqueue, null));
            contender.start();
            return contender;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstHoldsAndTheNextIsToldWhenItsTurnComes(Personality personality) {
        Bench bench = new Bench(personality);
        Contender first = bench.contend(0, 1, true);
        assertThat(bench.now(first.answered())).isEqualTo(Answer.GRANTED);
        Contender second = bench.contend(1, 1, true);
        assertThat(bench.now(second.answered())).isEqualTo(Answer.WAITING);

        Grant grant = bench.now(first.granted());
        assertThat(bench.now(bench.sessions.get(0).release(grant))).isTrue();

        assertThat(bench.now(second.granted()).storeToken()).isGreaterThan(grant.storeToken());
        assertThat(bench.now(bench.sessions.get(0).release(grant))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aTryLeavesNothing(Personality personality) {
        Bench bench = new Bench(personality);
        bench.now(bench.contend(0, 1, true).answered());

        assertThat(bench.now(bench.contend(1, 1, false).answered())).isEqualTo(Answer.BUSY);

        assertThat(bench.store.contents())
                .filteredOn(l -> !l.startsWith("session"))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aContendWhoseAnswerIsLostIsUndoneForGood(Personality personality) {
        Bench bench = new Bench(personality);
        bench.faults.get(0).cutReplies(true);
        bench.faults.get(0).copying(true);
        Contender contender = bench.contend(0, 1, true);
        bench.world.run(bench.world.now() + 4 * SimSettings.SECOND);
        assertThat(contender.answered().toCompletableFuture()).isCompletedExceptionally();

        bench.faults.get(0).cutReplies(false);
        bench.world.run(bench.world.now() + 2 * SimSettings.SECOND);
        bench.now(contender.withdraw());

        // Copies come for another lease and a half; the judges watch them.
        bench.world.run(bench.world.now() + 2 * bench.settings.lease());
        assertThat(bench.world.violation()).isNull();
        assertThat(bench.store.contents()).noneMatch(l -> l.startsWith("contender") || l.startsWith("holder"));
    }

    @ParameterizedTest
    @EnumSource
    void aSilentHolderIsReplacedAfterItsLeaseAndNotBefore(Personality personality) {
        Bench bench = new Bench(personality);
        bench.now(bench.contend(0, 1, true).answered());
        Contender next = bench.contend(1, 1, true);
        bench.now(next.answered());

        while (!next.granted().toCompletableFuture().isDone()
                && bench.world.now() < 4 * SimSettings.SECOND + bench.settings.takeover()) {
            bench.sessions.get(1).renew(List.of(next));
            bench.world.run(bench.world.now() + SimSettings.SECOND / 2);
        }

        assertThat(next.granted().toCompletableFuture()).isDone();
        // Its session was opened after the beginning of time.
        assertThat(bench.world.now()).isGreaterThan(bench.settings.lease());
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOOKEEPER", "ETCD", "CONSUL"})
    void anAcquireDoesNotMoveTheBasisOfASession(Personality personality) {
        Bench bench = new Bench(personality);
        long basis = bench.sessions.get(0).basis();

        bench.now(bench.contend(0, 1, true).answered());

        assertThat(bench.sessions.get(0).basis()).isEqualTo(basis);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOOKEEPER", "ETCD", "CONSUL"})
    void aRemovalByForceIsTold(Personality personality) {
        Bench bench = new Bench(personality);
        bench.now(bench.contend(0, 1, true).granted());

        bench.store.forceRelease("stock");
        bench.world.run(bench.world.now() + SimSettings.SECOND);

        assertThat(bench.lost).containsExactly("grant of client-0");
    }
}
