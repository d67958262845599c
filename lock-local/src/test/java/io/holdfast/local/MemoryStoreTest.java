// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.LEASE;
import static io.holdfast.local.Client.await;
import static io.holdfast.local.Client.isDone;
import static io.holdfast.spi.Contender.Answer.BUSY;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static io.holdfast.spi.Contender.Answer.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemoryStoreTest {
    private static final Duration HALF = LEASE.dividedBy(2);

    private final ManualRuntime time = new ManualRuntime();
    private final MemoryBackend backend = MemoryBackend.using(new MemoryStore(time));
    private final Client a = Client.open(backend, "a", time);
    private final Client b = Client.open(backend, "b", time);
    private final Client c = Client.open(backend, "c", time);

    @AfterEach
    void nothingIsLeft() {
        backend.close();
        assertThat(time.pending()).as("timers").isZero();
        assertThat(await(MemoryBackend.using(backend.memory()).list())).isEmpty();
    }

    @Test
    @DisplayName("ME-1, OR-1: one holds, the others follow in the order of their places")
    void handsOverInOrder() {
        Grant first = a.take("x");
        Contender second = b.queue("x");
        Contender third = c.queue("x");
        assertThat(await(second.answered())).isEqualTo(WAITING);
        assertThat(isDone(second.granted())).isFalse();

        assertThat(a.release(first)).isTrue();
        Grant grant = await(second.granted());
        assertThat(grant.storeToken()).isGreaterThan(first.storeToken());
        assertThat(isDone(third.granted())).isFalse();

        assertThat(b.release(grant)).isTrue();
        assertThat(await(third.granted()).storeToken()).isGreaterThan(grant.storeToken());
    }

    @Test
    @DisplayName("WA-4: a try without wait never queues, and never passes those who do")
    void tryLeavesNothing() {
        Grant grant = a.take("x");
        Contender attempt = b.attempt("x");
        assertThat(await(attempt.answered())).isEqualTo(BUSY);
        assertThat(await(attempt.granted())).isNull();
        assertThat(await(backend.inspect("x")).contenders()).isEqualTo(1);

        a.release(grant);
        assertThat(await(b.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @Test
    @DisplayName("WA-5: who withdrew gets nothing, and the next in line does")
    void withdrawnContenderIsPassedOver() {
        Grant grant = a.take("x");
        Contender leaver = b.queue("x");
        Contender stayer = c.queue("x");
        await(leaver.withdraw());
        await(leaver.withdraw());
        a.release(grant);
        assertThat(await(leaver.granted())).isNull();
        assertThat(await(stayer.granted())).isNotNull();
    }

    @Test
    @DisplayName("WA-5: withdrawing after the grant frees the lock")
    void withdrawUndoesAGrant() {
        Contender holder = a.queue("x");
        Contender next = b.queue("x");
        await(holder.withdraw());
        assertThat(await(next.granted())).isNotNull();
    }

    @Test
    @DisplayName("UO-4: a repeated contend takes no second place and no second grant")
    void contendIsIdempotent() {
        LockRequest request = LockRequest.exclusive("x", 77, true, null);
        Grant grant = await(a.contend(request).granted());
        assertThat(await(a.contend(request).granted())).isEqualTo(grant);
        assertThat(await(backend.inspect("x")).contenders()).isEqualTo(1);
    }

    @Test
    @DisplayName("UO-2: a late copy of a finished contend creates nothing")
    void lateCopiesCreateNothing() {
        LockRequest withdrawn = LockRequest.exclusive("x", 70, true, null);
        await(a.contend(withdrawn).withdraw());
        LockRequest released = LockRequest.exclusive("x", 71, true, null);
        a.release(await(a.contend(released).granted()));
        b.take("y");
        LockRequest refused = LockRequest.exclusive("y", 72, false, null);
        assertThat(await(a.contend(refused).answered())).isEqualTo(BUSY);

        for (LockRequest late : List.of(withdrawn, released, refused)) {
            Contender copy = a.contend(late);
            assertThatThrownBy(() -> await(copy.answered())).isInstanceOf(LockUnavailableException.class);
            assertThat(await(copy.granted())).isNull();
            await(copy.withdraw());
        }
        assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly("y");
    }

    @Test
    @DisplayName("UO-3: a late, repeated or foreign release touches no other grant")
    void releaseHitsOnlyItsGrant() {
        Grant first = a.take("x");
        a.release(first);
        Grant second = a.take("x");
        assertThat(a.release(first)).isFalse();
        assertThat(b.release(second)).isFalse();
        assertThat(a.release(new Grant("x", second.contenderId(), first.storeToken(), 0, null)))
                .isFalse();
        assertThat(a.release(new Grant("y", second.contenderId(), second.storeToken(), 0, null)))
                .isFalse();
        assertThat(await(backend.inspect("x")).storeToken()).isEqualTo(second.storeToken());
        assertThat(a.release(second)).isTrue();
    }

    @Test
    @DisplayName("OR-1: giving up and contending anew in one step goes to the end of the line")
    void exchangeGoesToTheEnd() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        Contender again = a.exchange(grant);
        assertThat(await(again.released())).isTrue();
        assertThat(await(again.answered())).isEqualTo(WAITING);
        b.release(await(next.granted()));
        assertThat(await(again.granted()).storeToken()).isGreaterThan(grant.storeToken());

        Contender stale = a.exchange(grant);
        assertThat(await(stale.released())).isFalse();
    }

    @Test
    @DisplayName("CR-1: a silent session ends with its lease, and the next in line holds at that moment")
    void silentHolderIsReplaced() {
        Grant grant = a.take("x");
        time.advance(HALF);
        b.renew();
        Contender next = b.queue("x");
        time.advance(HALF.minusNanos(1));
        assertThat(isDone(next.granted())).isFalse();

        time.advance(Duration.ofNanos(1));
        assertThat(await(next.granted()).storeToken()).isGreaterThan(grant.storeToken());
        assertThat(a.sessionLosses).hasSize(1);
        assertThat(a.release(grant)).isFalse();
    }

    @Test
    @DisplayName("KE-1: a renewed session keeps its locks, for hours")
    void renewedSessionIsKept() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        for (Duration passed = Duration.ZERO; passed.compareTo(Duration.ofHours(3)) < 0; passed = passed.plus(HALF)) {
            time.advance(HALF);
            a.renew();
            b.renew();
            assertThat(a.session.basis()).isEqualTo(time.nanoTime());
        }
        assertThat(isDone(next.granted())).isFalse();
        assertThat(time.pending()).as("one timer for one waiter").isEqualTo(1);
        assertThat(a.release(grant)).isTrue();
        assertThat(await(next.granted()).basis()).isEqualTo(b.session.basis());
    }

    @Test
    @DisplayName("CR-1: without anybody in line a dead session is found by whoever asks")
    void deadSessionIsFoundByTheNextRequest() {
        a.take("x");
        a.take("y");
        time.advance(HALF);
        b.renew();
        assertThat(time.pending()).as("nobody waits, no timer").isZero();
        time.advance(HALF);
        assertThat(await(backend.inspect("x")).isHeld()).isFalse();
        assertThat(await(b.attempt("y").answered())).isEqualTo(GRANTED);
    }

    @Test
    @DisplayName("CR-1: those in line whose own session died are passed over")
    void deadWaitersArePassedOver() {
        Grant grant = a.take("x");
        Contender dead = b.queue("x");
        time.advance(HALF);
        a.renew();
        Contender alive = c.queue("x");
        c.renew();
        time.advance(HALF);
        a.release(grant);
        assertThat(await(dead.granted())).isNull();
        assertThat(b.sessionLosses).hasSize(1);
        assertThat(await(alive.granted())).isNotNull();
    }

    @Test
    @DisplayName("ME-4: a session past its lease is dead for good")
    void deadSessionStaysDead() {
        Contender held = a.queue("x");
        time.advance(LEASE);
        assertThatThrownBy(() -> await(a.session.renew(List.of(held)))).isInstanceOf(LockUnavailableException.class);
        Contender late = a.queue("y");
        assertThatThrownBy(() -> await(late.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("memory:");
        assertThat(await(late.granted())).isNull();
        assertThat(a.sessionLosses).as("told once").hasSize(1);
    }

    @Test
    @DisplayName("ME-2: acquiring moves no basis; a renewal sets it to its own sending")
    void onlyRenewalsMoveTheBasis() {
        long opened = a.session.basis();
        time.advance(Duration.ofSeconds(1));
        assertThat(a.take("x").basis()).isEqualTo(opened);
        assertThat(a.session.basis()).isEqualTo(opened);
        Renewal renewal = await(a.session.renew(List.of()));
        assertThat(renewal.sentAt()).isEqualTo(time.nanoTime());
        assertThat(a.session.basis()).isEqualTo(time.nanoTime());
    }

    @Test
    void renewalTellsWhatBecameOfEachContender() {
        Contender holding = a.queue("x");
        b.take("y");
        Contender waiting = a.queue("y");
        Contender gone = a.queue("z");
        await(gone.withdraw());
        Renewal renewal = await(a.session.renew(List.of(holding, waiting, gone)));
        assertThat(renewal.statuses())
                .containsEntry(holding.request().contenderId(), new ContenderStatus.Holding(await(holding.granted())))
                .containsEntry(waiting.request().contenderId(), ContenderStatus.WAITING)
                .containsEntry(gone.request().contenderId(), ContenderStatus.GONE);
    }

    @Test
    @DisplayName("LO-5: a forced release tells the holder, before the next one holds")
    void forcedReleaseIsTold() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        next.granted().thenAccept(g -> assertThat(a.grantLosses).containsExactly(grant));
        assertThat(await(backend.forceRelease("x", OptionalLong.of(grant.storeToken() + 1))))
                .isEqualTo(ForceOutcome.MOVED_ON);
        assertThat(await(backend.forceRelease("x", OptionalLong.of(grant.storeToken()))))
                .isEqualTo(ForceOutcome.RELEASED);
        assertThat(a.grantLosses).containsExactly(grant);
        assertThat(await(next.granted())).isNotNull();
        assertThat(await(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.RELEASED);
        assertThat(await(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.NOT_HELD);
        assertThat(a.release(grant)).isFalse();
    }

    @Test
    void inspectionShowsHolderTokenAndLine() {
        time.advance(Duration.ofSeconds(3));
        Grant grant = a.take("x");
        b.queue("x");
        assertThat(await(backend.inspect("x")))
                .isEqualTo(new StoredLock("x", grant.storeToken(), "a", time.wallMillis(), 2));
        assertThat(await(backend.inspect("nobody's"))).isEqualTo(StoredLock.free("nobody's", 0));
    }

    @Test
    @DisplayName("CL-1: a closed session leaves at once, untold; its waiters get nothing")
    void closingFreesAll() {
        a.take("x");
        Contender next = b.queue("x");
        Contender own = a.queue("x");
        await(a.session.close());
        await(a.session.close());
        assertThat(await(next.granted())).isNotNull();
        assertThat(await(own.granted())).isNull();
        assertThat(a.sessionLosses).isEmpty();
    }

    @Test
    @DisplayName("CL-4: closing one backend of a store ends its own sessions only")
    void backendsOfOneStoreAreSeparate() {
        MemoryBackend other = MemoryBackend.using(backend.memory());
        Client stranger = Client.open(other, "stranger", time);
        stranger.take("x");
        Contender next = a.queue("x");
        other.close();
        other.close();
        assertThat(stranger.sessionLosses).hasSize(1);
        assertThat(await(next.granted())).isNotNull();
        assertThatThrownBy(() -> await(other.list())).isInstanceOf(LockClosedException.class);
        assertThat(a.sessionLosses).isEmpty();
    }

    @Test
    @DisplayName("CF-5: a lease out of range is refused with the range")
    void leaseOutOfRangeIsRefused() {
        assertThatThrownBy(() -> Client.open(backend, "d", time, Duration.ofMillis(1)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("PT0.1S")
                .hasMessageContaining("PT24H");
    }

    @Test
    @DisplayName("SP-2: no stage completes under the store's lock: a client may do anything in a callback")
    void callbacksMayCallBack() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        next.granted().thenAccept(g -> {
            b.release(g);
            // Another thread: it would find the lock taken if this ran under it.
            Thread other = new Thread(() -> await(backend.list()));
            other.start();
            try {
                other.join(10_000);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(other.isAlive()).isFalse();
        });
        a.release(grant);
        assertThat(next.granted().toCompletableFuture()).isCompleted();
        assertThat(await(backend.inspect("x")).isHeld()).isFalse();
    }

    @Test
    @DisplayName("LK-1: a hundred thousand names used once leave nothing")
    void namesLeaveNothing() {
        for (int i = 0; i < 100_000; i++) {
            a.release(a.take("name-" + i));
        }
        assertThat(await(backend.list())).isEmpty();
        assertThat(backend.memory().names()).isZero();
    }
}
