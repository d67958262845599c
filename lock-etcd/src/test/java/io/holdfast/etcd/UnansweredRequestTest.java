// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that etcd carries out and whose answers never come, or that it gets late: where jetcd's lock leaves ghosts. */
@SuppressWarnings("LockNotBeforeTry") // what lock and unlock do is what is tested
class UnansweredRequestTest {
    private static final Duration LEASE = Duration.ofSeconds(6);

    private final String prefix = "unanswered-" + UUID.randomUUID();
    private Etcd etcd;
    private TcpProxy proxy;
    private LockClient flaky;

    /** Undoes what has no answer so late that one can look first. */
    private LockClient patient;

    private LockClient steady;

    @BeforeEach
    void open() {
        var node = Servers.shared(StoreKind.ETCD_3_4).node(1);
        etcd = Etcd.at(node.endpoint());
        proxy = TcpProxy.to(node.address());
        flaky = LockClient.open(config(proxy.endpoint()).with("operation-timeout", "500ms"));
        patient = LockClient.open(config(proxy.endpoint()).with("operation-timeout", "9s"));
        steady = LockClient.open(config(node.endpoint()));
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("etcd://" + endpoint).with("prefix", prefix).withLease(LEASE);
    }

    @AfterEach
    void nothingIsLeft() {
        proxy.heal();
        flaky.close();
        patient.close();
        steady.close();
        // A session that could not be closed ends with its lease.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(etcd.under(prefix)).isEmpty());
        etcd.close();
        proxy.close();
    }

    private int inLine() {
        return etcd.line(prefix, "n").size();
    }

    private void reconnect() {
        proxy.heal();
        proxy.resetAll();
    }

    @Test
    void anAnswerCutOffGivesNoSecondLevel() throws Exception {
        DistributedLock lock = patient.lock("n");
        proxy.replies().blackHole();
        CompletableFuture<Boolean> acquired = CompletableFuture.supplyAsync(() -> {
            lock.lock();
            int levels = lock.getHoldCount();
            lock.unlock();
            return levels == 1;
        });
        await().until(() -> inLine() >= 1);
        reconnect();
        assertThat(acquired.get(30, TimeUnit.SECONDS)).as("one level").isTrue();
        assertThat(steady.lock("n").tryLock(Duration.ofSeconds(20)))
                .as("free after one unlock")
                .isTrue();
        steady.lock("n").unlock();
    }

    /** The late request of an acquisition that was given up creates nothing, whenever it arrives (rule UO-2). */
    @Test
    void aRequestDeliveredAfterItWasGivenUpCreatesNothing() throws Exception {
        DistributedLock lock = flaky.lock("n");
        proxy.requests().freeze();
        CompletableFuture.runAsync(() -> {
                    try {
                        assertThat(lock.tryLock(Duration.ofMillis(800))).isFalse();
                    } catch (LockException expected) {
                        // No answer: nothing is held.
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                })
                .get(30, TimeUnit.SECONDS);
        proxy.requests().thaw(); // contend and undo arrive now, together
        LockHandle hold = steady.acquire("n", Duration.ofSeconds(30));
        assertThat(hold.isValid()).isTrue();
        hold.release();
        await().atMost(Duration.ofSeconds(20)).until(() -> inLine() == 0);
    }

    /** An undo of one name does not stop the others: their contends are refused by the session's key and sent again. */
    @Test
    void anUndoOfOneNameHoldsUpNoOther() throws Exception {
        proxy.replies().blackHole();
        try {
            assertThat(flaky.lock("n").tryLock(Duration.ofMillis(700))).isFalse();
        } catch (LockException expected) {
            // No answer: nothing is held.
        }
        reconnect();
        for (int i = 0; i < 20; i++) {
            flaky.acquire("other" + i, Duration.ofSeconds(20)).release();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> inLine() == 0);
        // More attempts than there are slots, so each slot came free again.
        for (int i = 0; i < 20; i++) {
            flaky.acquire("n", Duration.ofSeconds(20)).release();
        }
    }

    @Test
    void aReleaseWithoutAnswerStaysReleasedAndTouchesNobodyElse() throws Exception {
        DistributedLock lock = flaky.lock("n");
        lock.lock();
        proxy.replies().blackHole();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(steady.lock("n").tryLock(Duration.ofSeconds(20))).isTrue();
        long created = etcd.line(prefix, "n").get(0).getCreateRevision();
        reconnect();
        // The release is sent again, and does not touch the new holder.
        flaky.acquire("other", Duration.ofSeconds(20)).release();
        assertThat(etcd.line(prefix, "n").get(0).getCreateRevision()).isEqualTo(created);
        assertThat(steady.lock("n").isHeldByCurrentThread()).isTrue();
        steady.lock("n").unlock();
    }

    /** Rule KE-2: renewals without answer lose nothing while others in time are answered. */
    @Test
    void renewalsWithoutAnswerLoseNothing() throws Exception {
        LockHandle hold = flaky.acquire("n", Duration.ofSeconds(10));
        long token = hold.fencingToken();
        for (int i = 0; i < 3; i++) {
            proxy.replies().blackHole();
            long renewals = flaky.metrics().renewals();
            await().atMost(Duration.ofSeconds(10)).until(() -> flaky.metrics().renewals() > renewals);
            reconnect();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            > 0);
        }
        assertThat(hold.isValid()).isTrue();
        assertThat(hold.fencingToken()).isEqualTo(token);
        assertThat(flaky.metrics().lost()).isZero();
        hold.release();
    }

    /** jetcd's lock would get it later, as a ghost. */
    @Test
    void aWaitGivenUpWhileItsAnswerIsLostLeavesNobodyInLine() throws Exception {
        LockHandle first = steady.acquire("n");
        proxy.replies().blackHole();
        CompletableFuture<LockHandle> waiting = patient.acquireAsync("n").toCompletableFuture();
        await().until(() -> inLine() >= 2);
        assertThat(waiting.cancel(true)).isTrue();
        reconnect();
        await().atMost(Duration.ofSeconds(20)).until(() -> inLine() == 1);
        first.release();
        assertThat(inLine()).isZero();
    }

    @Test
    void aTryRefusedWithoutAnAnswerLeavesTheLine() throws Exception {
        LockHandle first = steady.acquire("n");
        proxy.replies().blackHole();
        try {
            assertThat(flaky.lock("n").tryLock()).isFalse();
        } catch (LockException expected) {
            // No answer: nothing is held.
        }
        reconnect();
        await().atMost(Duration.ofSeconds(20)).until(() -> inLine() == 1);
        first.release();
    }
}
