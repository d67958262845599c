// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TableBackendTest {
    private static final Duration LEASE = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final HandTime time = new HandTime(nanos);
    private final MapTable table = new MapTable(time.clock());
    private final TableBackend backend = TableBackend.of(table);
    private final LockSession session = open();
    private final List<CompletionStage<?>> stages = new ArrayList<>();
    private long lastId;

    private LockSession open() {
        return now(backend.openSession(new SessionOptions(LEASE, "me", time), new NoEvents()));
    }

    private Contender contender(LockSession of, String name, Grant releasing) {
        Contender contender = of.contend(LockRequest.exclusive(name, ++lastId, false, releasing));
        stages.addAll(List.of(contender.answered(), contender.granted(), contender.released()));
        return contender;
    }

    private Contender started(LockSession of, String name) {
        Contender contender = contender(of, name, null);
        contender.start();
        return contender;
    }

    private Grant held(LockSession of, String name) {
        return now(started(of, name).granted());
    }

    /** The stage's value; a table's stages complete on the calling thread, so nothing is waited for. */
    private static <T> T now(CompletionStage<T> stage) {
        assertThat(stage.toCompletableFuture())
                .as("a stage of a table that has answered")
                .isDone();
        return stage.toCompletableFuture().join();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        try {
            stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            return failed.getCause();
        }
        throw new AssertionError("completed exceptionally, yet has a value");
    }

    private void failing(String when, String method, RuntimeException failure) {
        Consumer<String> hook = called -> {
            if (called.equals(method)) {
                throw failure;
            }
        };
        if (when.equals("before")) {
            table.before = hook;
        } else {
            table.after = hook;
        }
    }

    private void healed() {
        table.before = called -> {};
        table.after = called -> {};
    }

    @AfterEach
    @DisplayName("SP-3: every stage completes on every path")
    void everyStageIsComplete() {
        assertThat(stages)
                .allSatisfy(stage -> assertThat(stage.toCompletableFuture()).isDone());
    }

    @Test
    void grantHasTheTableTokenAndTheTimeJustBeforeTheCall() {
        table.after = called -> nanos.addAndGet(700);
        long sent = nanos.get();
        Contender contender = started(session, "x");
        assertThat(now(contender.answered())).isEqualTo(Answer.GRANTED);
        Grant grant = now(contender.granted());
        assertThat(grant.storeToken()).isEqualTo(42);
        assertThat(grant.basis()).as("ME-2: basis").isEqualTo(sent);
        assertThat(grant.contenderId()).isEqualTo(contender.request().contenderId());
        assertThat(now(contender.released())).isTrue();
        assertThat(table.rows.get("x").label()).isEqualTo("me");
    }

    @Test
    @DisplayName("UO-1: a renewal of nothing asks the table, too: its answer says that the store is reached")
    void renewalOfNothing() {
        assertThat(now(session.renew(List.of())).statuses()).isEmpty();

        failing("before", "inspect", new LockUnavailableException("out of reach"));

        assertThat(failure(session.renew(List.of()))).isInstanceOf(LockUnavailableException.class);
    }

    @Test
    @DisplayName("what a table finds in its diagnosis is the backend's")
    void diagnosis() {
        assertThat(now(backend.diagnose())).isEqualTo(table.diagnose()).hasSize(1);
    }

    @Test
    @DisplayName("SP-1: contend asks the table nothing")
    void contendOnlyPrepares() {
        table.before = called -> {
            throw new AssertionError(called);
        };
        Contender contender = contender(session, "x", null);
        assertThat(contender.answered().toCompletableFuture()).isNotDone();
        healed();
        contender.start();
        contender.start();
        assertThat(now(contender.answered())).as("a second start does nothing").isEqualTo(Answer.GRANTED);
    }

    @Test
    @DisplayName("WA-4: a busy row answers busy, and nothing is left")
    void busy() {
        held(session, "x");
        Contender second = started(open(), "x");
        assertThat(now(second.answered())).isEqualTo(Answer.BUSY);
        assertThat(now(second.granted())).isNull();
        assertThat(now(second.withdraw())).isNull();
        assertThat(table.rows).hasSize(1);
    }

    @Test
    @DisplayName("holder ids are unique over contenders and sessions")
    void holderIds() {
        Set<String> ids = new HashSet<>();
        for (LockSession each : List.of(session, open(), open())) {
            for (int i = 0; i < 3; i++) {
                held(each, "n" + ids.size());
                ids.add(table.rows.get("n" + ids.size()).holderId());
            }
        }
        assertThat(ids).hasSize(9);
        assertThat(session.id()).isNotEqualTo(open().id());
    }

    @Test
    void releaseFreesAndTellsWhetherItDid() {
        Grant grant = held(session, "x");
        assertThat(now(session.release(grant))).isTrue();
        assertThat(now(session.release(grant))).isFalse();
        assertThat(table.rows).isEmpty();
    }

    @Test
    @DisplayName("UO-3: a late release does not touch the next grant of the name")
    void lateRelease() {
        Grant first = held(session, "x");
        now(session.release(first));
        held(session, "x");
        assertThat(now(session.release(first))).isFalse();
        assertThat(table.rows).hasSize(1);
    }

    @Test
    void releaseThatFailsIsUnknownAndCanBeRepeated() {
        Grant grant = held(session, "x");
        failing("after", "release", new LockOutcomeUnknownException("lost reply"));
        assertThat(failure(session.release(grant))).isInstanceOf(LockOutcomeUnknownException.class);
        healed();
        assertThat(now(session.release(grant))).isFalse();
    }

    @Test
    void contendGivesUpAnotherGrantFirst() {
        Grant first = held(session, "x");
        Contender second = contender(session, "x", first);
        assertThat(second.released().toCompletableFuture()).isNotDone();
        second.start();
        assertThat(now(second.released())).isTrue();
        assertThat(now(second.granted()).storeToken()).as("FT-1").isGreaterThan(first.storeToken());
    }

    @Test
    void contendIsNotSentWhenTheGrantBeforeCouldNotBeGivenUp() {
        Grant first = held(session, "x");
        List<String> calls = new ArrayList<>();
        table.before = called -> {
            calls.add(called);
            throw new LockUnavailableException("down");
        };
        Contender second = contender(session, "x", first);
        second.start();
        assertThat(failure(second.released())).hasMessage("down");
        assertThat(failure(second.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("not sent");
        assertThat(now(second.granted())).isNull();
        assertThat(calls).containsExactly("release");
        assertThat(now(second.withdraw())).as("nothing to undo").isNull();
    }

    @Test
    @DisplayName("UO-1: a failure that surely did nothing needs no undo; one that may have done something is undone")
    void failures() {
        failing("before", "tryAcquire", new LockUnavailableException("down"));
        Contender unavailable = started(session, "x");
        assertThat(failure(unavailable.answered())).hasMessage("down");
        assertThat(now(unavailable.granted())).isNull();

        healed();
        failing("after", "tryAcquire", new LockOutcomeUnknownException("lost reply"));
        Contender unknown = started(session, "y");
        assertThat(failure(unknown.answered())).hasMessage("lost reply");
        assertThat(now(unknown.granted())).isNull();
        healed();
        List<String> calls = new ArrayList<>();
        table.before = calls::add;
        assertThat(table.rows).hasSize(1);
        now(unavailable.withdraw());
        assertThat(calls).isEmpty();
        now(unknown.withdraw());
        assertThat(calls).containsExactly("release");
        assertThat(table.rows).isEmpty();
        now(unknown.withdraw());
        assertThat(calls).as("what is undone is undone").hasSize(1);
    }

    @Test
    @DisplayName("ER-2: what a table throws beside our own exceptions is an unknown outcome")
    void foreignExceptions() {
        failing("after", "tryAcquire", new IllegalStateException("driver bug"));
        assertThat(failure(started(session, "x").answered()))
                .isInstanceOf(LockOutcomeUnknownException.class)
                .hasMessageContaining("map:test")
                .hasMessageContaining("driver bug");
        failing("before", "inspect", new IllegalStateException("driver bug"));
        assertThat(failure(backend.inspect("x"))).isInstanceOf(LockException.class);
        assertThat(failure(backend.list())).isInstanceOf(LockException.class);
        assertThat(failure(backend.openSession(new SessionOptions(LEASE, "me", time), new NoEvents())))
                .isInstanceOf(LockException.class);
        failing("before", "forceRelease", new IllegalStateException("driver bug"));
        assertThat(failure(backend.forceRelease("x", OptionalLong.empty()))).isInstanceOf(LockException.class);
    }

    @Test
    void tokenThatIsOutOfRangeIsRefusedAndUndone() {
        table.lastToken = Grant.TOKEN_LIMIT - 1;
        Contender contender = started(session, "x");
        assertThat(failure(contender.answered()))
                .isInstanceOf(LockException.class)
                .hasMessageContaining("2^53");
        now(contender.withdraw());
        assertThat(table.rows).isEmpty();
    }

    @Test
    @DisplayName("WA-5: withdrawn before it was sent, a contender sends nothing")
    void withdrawnBeforeStart() {
        Grant first = held(session, "x");
        Contender contender = contender(session, "y", first);
        now(contender.withdraw());
        contender.start();
        assertThat(failure(contender.answered())).isInstanceOf(LockUnavailableException.class);
        assertThat(failure(contender.released())).isInstanceOf(LockUnavailableException.class);
        assertThat(now(contender.granted())).isNull();
        assertThat(table.rows).containsOnlyKeys("x");
    }

    @Test
    @DisplayName(
            "UO-2: a withdrawal never overtakes its own request: the grant that raced in is released, never delivered")
    void withdrawnWhileSent() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<String> calls = new ArrayList<>();
        table.before = called -> {
            calls.add(called);
            if (called.equals("tryAcquire")) {
                sent.countDown();
                awaited(goOn);
            }
        };
        Contender contender = contender(session, "x", null);
        Thread sender = new Thread(contender::start);
        sender.start();
        awaited(sent);
        CompletableFuture<Void> undone = contender.withdraw().toCompletableFuture();
        CompletableFuture<Void> again = contender.withdraw().toCompletableFuture();
        assertThat(undone).isNotDone();
        assertThat(calls).containsExactly("tryAcquire");
        goOn.countDown();
        sender.join(TimeUnit.MINUTES.toMillis(1));
        now(undone);
        now(again);
        assertThat(now(contender.granted())).isNull();
        assertThat(calls).containsExactly("tryAcquire", "release");
        assertThat(table.rows).isEmpty();
    }

    @Test
    @DisplayName(
            "UO-2: the undo of a request that failed while it was being withdrawn is repeated until the table confirms it")
    void undoFails() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        table.before = called -> {
            if (called.equals("tryAcquire")) {
                sent.countDown();
                awaited(goOn);
            } else {
                throw new LockUnavailableException("down");
            }
        };
        table.after = called -> {
            throw new LockOutcomeUnknownException("lost reply");
        };
        Contender contender = contender(session, "x", null);
        Thread sender = new Thread(contender::start);
        sender.start();
        awaited(sent);
        CompletionStage<Void> undone = contender.withdraw();
        goOn.countDown();
        sender.join(TimeUnit.MINUTES.toMillis(1));
        assertThat(failure(undone)).hasMessage("down");
        assertThat(failure(contender.answered())).hasMessage("lost reply");
        assertThat(failure(contender.withdraw())).hasMessage("down");
        healed();
        now(contender.withdraw());
        assertThat(table.rows).isEmpty();
    }

    @Test
    void withdrawnAfterItWasGranted() {
        Contender contender = started(session, "x");
        now(contender.withdraw());
        assertThat(table.rows).isEmpty();
    }

    @Test
    @DisplayName("ME-2: a renewal counts from just before its first request, for each row by itself")
    void renewal() {
        Contender kept = started(session, "kept");
        Contender gone = started(session, "gone");
        Contender failing = started(session, "failing");
        table.rows.remove("gone");
        long sent = nanos.addAndGet(1_000);
        int[] calls = new int[1];
        table.before = called -> {
            nanos.addAndGet(50);
            if (++calls[0] == 3) {
                throw new LockUnavailableException("slow");
            }
        };
        Renewal renewal = now(session.renew(List.of(kept, gone, failing)));
        assertThat(renewal.sentAt()).isEqualTo(sent);
        assertThat(renewal.statuses())
                .containsEntry(gone.request().contenderId(), ContenderStatus.GONE)
                .containsEntry(failing.request().contenderId(), ContenderStatus.UNKNOWN)
                .hasSize(3);
        Grant grant =
                ((ContenderStatus.Holding) renewal.statuses().get(kept.request().contenderId())).grant();
        assertThat(grant.basis()).isEqualTo(sent);
        assertThat(grant.storeToken()).isEqualTo(now(kept.granted()).storeToken());
        healed();
        assertThat(now(session.renew(List.of(gone))).statuses()).containsValue(ContenderStatus.GONE);
    }

    @Test
    @DisplayName("KE-4: a renewal does not ask for a row whose release is on its way, or has failed")
    void renewalBesideARelease() {
        Contender leaving = started(session, "leaving");
        Contender staying = started(session, "staying");
        long end = table.rows.get("leaving").expiry();
        table.before = called -> {
            if (called.equals("release")) {
                nanos.addAndGet(1_000);
                assertThat(now(session.renew(List.of(leaving, staying))).statuses())
                        .containsEntry(leaving.request().contenderId(), ContenderStatus.UNKNOWN);
                throw new LockUnavailableException("down");
            }
        };
        assertThat(failure(session.release(now(leaving.granted())))).hasMessage("down");
        healed();
        now(session.renew(List.of(leaving, staying)));
        assertThat(table.rows.get("leaving").expiry()).isEqualTo(end);
        assertThat(table.rows.get("staying").expiry()).isEqualTo(end + 1_000);
    }

    @Test
    void renewalOfAnExpiredRow() {
        Contender contender = started(session, "x");
        nanos.addAndGet(LEASE.toNanos());
        assertThat(now(session.renew(List.of(contender))).statuses()).containsValue(ContenderStatus.GONE);
    }

    @Test
    void renewalExtendsTheRow() {
        Contender contender = started(session, "x");
        nanos.addAndGet(LEASE.toNanos() - 1);
        now(session.renew(List.of(contender)));
        nanos.addAndGet(LEASE.toNanos() - 1);
        assertThat(now(started(open(), "x").answered())).isEqualTo(Answer.BUSY);
    }

    @Test
    void renewalThatLearnedNothingFails() {
        Contender one = started(session, "one");
        Contender two = started(session, "two");
        failing("before", "renew", new LockUnavailableException("down"));
        assertThat(failure(session.renew(List.of(one, two)))).hasMessage("down");
        assertThat(now(session.renew(List.of())).statuses())
                .as("nothing asked, nothing failed")
                .isEmpty();
    }

    @Test
    void renewalSaysNothingOfWhatIsNotGranted() {
        Contender prepared = contender(session, "x", null);
        assertThat(now(session.renew(List.of(prepared))).statuses()).containsValue(ContenderStatus.UNKNOWN);
        now(prepared.withdraw());
        assertThat(now(session.renew(List.of(prepared))).statuses()).containsValue(ContenderStatus.GONE);
    }

    @Test
    @DisplayName("LK-1: close frees every row of the session, and only these")
    void close() {
        LockSession other = open();
        held(session, "a");
        held(session, "b");
        held(other, "c");
        Contender prepared = contender(session, "d", null);
        now(session.close());
        prepared.start();
        assertThat(table.rows).containsOnlyKeys("c");
        assertThat(failure(started(session, "e").answered())).isInstanceOf(LockUnavailableException.class);
        now(session.close());
        now(other.close());
        assertThat(table.rows).isEmpty();
    }

    @Test
    void closeThatFailsCanBeRepeated() {
        held(session, "a");
        failing("before", "release", new LockUnavailableException("down"));
        assertThat(failure(session.close())).hasMessage("down");
        healed();
        now(session.close());
        assertThat(table.rows).isEmpty();
    }

    @Test
    @DisplayName("a session that is closed while a request is on its way leaves nothing")
    void closedWhileSent() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        table.before = called -> {
            if (called.equals("tryAcquire")) {
                sent.countDown();
                awaited(goOn);
            }
        };
        Contender contender = contender(session, "x", null);
        Thread sender = new Thread(contender::start);
        sender.start();
        awaited(sent);
        CompletableFuture<Void> closed = session.close().toCompletableFuture();
        assertThat(closed).isNotDone();
        goOn.countDown();
        closed.get(1, TimeUnit.MINUTES);
        sender.join(TimeUnit.MINUTES.toMillis(1));
        assertThat(now(contender.granted())).isNull();
        assertThat(table.rows).isEmpty();
    }

    @Test
    void looksAndForce() {
        Grant grant = held(session, "x");
        assertThat(now(backend.inspect("x")).storeToken()).isEqualTo(grant.storeToken());
        assertThat(now(backend.inspect("y"))).isEqualTo(StoredLock.free("y", 0));
        assertThat(now(backend.list())).hasSize(1);
        assertThat(now(backend.forceRelease("x", OptionalLong.of(1)))).isEqualTo(ForceOutcome.MOVED_ON);
        assertThat(now(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.RELEASED);
        assertThat(now(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.NOT_HELD);
        assertThat(backend.store()).isEqualTo("map:test");
        assertThat(session.lease()).isEqualTo(LEASE);
        now(session.close());
        backend.close();
        assertThat(table.closed).isTrue();
    }

    @Test
    @DisplayName("CL-1: a backend that is closed ends its sessions, closes the table once and asks it nothing more")
    void closedBackend() {
        List<String> told = new ArrayList<>();
        SessionEvents events = new SessionEvents() {
            @Override
            public void sessionLost(String why) {
                told.add(why);
            }

            @Override
            public void grantLost(Grant grant, String why) {
                throw new AssertionError(why);
            }
        };
        LockSession lost = now(backend.openSession(new SessionOptions(LEASE, "lost", time), events));
        LockSession ended = now(backend.openSession(new SessionOptions(LEASE, "ended", time), events));
        now(ended.close());
        now(session.close());
        List<String> asked = new ArrayList<>();
        table.before = asked::add;
        backend.close();
        assertThat(told).containsExactly("the backend was closed");
        assertThat(failure(started(lost, "x").answered())).isInstanceOf(LockUnavailableException.class);
        table.closed = false;
        backend.close();
        assertThat(table.closed).as("again").isFalse();
        assertThat(failure(backend.inspect("x"))).isInstanceOf(LockClosedException.class);
        assertThat(failure(backend.list())).isInstanceOf(LockClosedException.class);
        assertThat(failure(backend.forceRelease("x", OptionalLong.empty()))).isInstanceOf(LockClosedException.class);
        assertThat(failure(backend.openSession(new SessionOptions(LEASE, "late", time), events)))
                .isInstanceOf(LockClosedException.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void tablesThatDeclareWhatTheyAreNot() {
        for (Capabilities wrong : List.of(
                Capabilities.of(LeaseScope.SESSION).blocking(true).build(),
                Capabilities.of(LeaseScope.GRANT).blocking(false).build(),
                Capabilities.of(LeaseScope.GRANT).blocking(true).queues(true).build())) {
            table.capabilities = wrong;
            assertThatThrownBy(() -> TableBackend.of(table))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(MapTable.class.getName());
        }
        assertThatNullPointerException().isThrownBy(() -> TableBackend.of(null));
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static final class NoEvents implements SessionEvents {
        @Override
        public void sessionLost(String why) {
            throw new AssertionError(why);
        }

        @Override
        public void grantLost(Grant grant, String why) {
            throw new AssertionError(why);
        }
    }

    /** A clock that the test moves. Nothing here schedules or hands over. */
    private record HandTime(AtomicLong nanos) implements LockRuntime {
        @Override
        public LockClock clock() {
            return new LockClock() {
                @Override
                public long nanoTime() {
                    return nanos.get();
                }

                @Override
                public long wallMillis() {
                    throw new AssertionError("the wall clock decides nothing");
                }
            };
        }

        @Override
        public LockScheduler scheduler() {
            throw new AssertionError("a table schedules nothing");
        }

        @Override
        public Executor executor() {
            throw new AssertionError("a table is asked on the calling thread");
        }
    }
}
