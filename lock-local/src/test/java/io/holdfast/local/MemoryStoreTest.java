// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.LEASE;
import static io.holdfast.local.Client.await;
import static io.holdfast.local.Client.isDone;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockUnavailableException;
import io.holdfast.memory.MemoryBackend;
import io.holdfast.memory.MemoryStore;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Beyond the contract that it has in common with {@code file:}: leases, on a clock that the test moves. */
class MemoryStoreTest extends StoreContract {
    private static final Duration HALF = LEASE.dividedBy(2);

    private final MemoryStore store = new MemoryStore(time);

    @Override
    LockBackend connect() {
        return MemoryBackend.using(store);
    }

    @AfterEach
    void nothingIsLeft() {
        backend.close();
        assertThat(time.pending()).as("timers").isZero();
        assertThat(await(connect().list())).as("names").isEmpty();
    }

    @Test
    @DisplayName("LO-5: a forced release is told at once, before the next one holds")
    void forcedReleaseIsToldFirst() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        List<Grant> toldBefore = new ArrayList<>();
        next.granted().thenAccept(g -> toldBefore.addAll(a.grantLosses));
        await(backend.forceRelease("x", OptionalLong.empty()));
        assertThat(toldBefore).containsExactly(grant);
    }

    @Test
    void inspectionShowsSinceByTheHoldersClock() {
        time.advance(Duration.ofSeconds(3));
        a.take("x");
        assertThat(await(backend.inspect("x")).sinceMillis()).isEqualTo(time.wallMillis());
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
    @DisplayName("SP-2: no stage completes under the store's lock: a client may do anything in a callback")
    void callbacksMayCallBack() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        CompletionStage<Void> called = next.granted().thenAccept(g -> {
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
        await(called); // fails with what was asserted in it
        assertThat(await(backend.inspect("x")).isHeld()).isFalse();
    }

    @Test
    @DisplayName("LK-1: a hundred thousand names used once leave nothing")
    void namesLeaveNothing() {
        for (int i = 0; i < 100_000; i++) {
            a.release(a.take("name-" + i));
        }
        assertThat(await(backend.list())).isEmpty();
    }
}
