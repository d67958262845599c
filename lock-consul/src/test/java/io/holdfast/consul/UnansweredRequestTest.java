// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.Recording;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that the server carries out, or will, and whose answers do not come. */
@SuppressWarnings("LockNotBeforeTry") // what lock and unlock do is what is tested
class UnansweredRequestTest {
    private Proxied consul;
    private LockClient flaky;
    private LockClient steady;

    @BeforeEach
    void open() {
        consul = new Proxied();
        flaky = LockClient.open(consul.config().with("operation-timeout", "500ms"));
        steady = LockClient.open(consul.steady());
    }

    @AfterEach
    void nothingIsLeft() {
        consul.proxy.heal();
        flaky.close();
        steady.close();
        consul.close();
    }

    @Test
    void anAnswerThatIsLostGivesOneHold() throws Exception {
        DistributedLock lock = flaky.lock("n");
        consul.proxy.replies().blackHole();
        CompletableFuture<Integer> levels = CompletableFuture.supplyAsync(() -> {
            lock.lock();
            int count = lock.getHoldCount();
            lock.unlock();
            return count;
        });
        await().until(() -> !consul.line("n").isEmpty());
        consul.proxy.heal();
        consul.proxy.resetAll();
        assertThat(levels.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        steady.acquire("n", Duration.ofSeconds(20)).release();
        await().until(() -> consul.line("n").isEmpty());
    }

    /** Each answer is cut somewhere: in the head, in the body, at once. */
    @Test
    void answersCutAtAnyByteLeaveTheLockUsable() throws Exception {
        for (long bytes : List.of(0L, 1L, 20L, 100L, 200L, 400L, 700L)) {
            for (Cut how : Cut.values()) {
                consul.proxy.replies().cutAfter(bytes, how);
                try (LockHandle hold = flaky.acquire("n", Duration.ofSeconds(20))) {
                    assertThat(hold.isValid()).isTrue();
                    assertThat(consul.line("n").get(0).created()).isEqualTo(hold.fencingToken() >> 8);
                }
            }
        }
        steady.acquire("n", Duration.ofSeconds(20)).release();
        await().until(() -> consul.line("n").isEmpty());
    }

    /** The late request of an acquisition that was given up creates nothing, whenever it arrives (rule UO-2). */
    @Test
    void aContendDeliveredAfterItsUndoCreatesNothing() throws Exception {
        flaky.acquire("warm").release();
        consul.proxy.requests().freeze();
        CompletableFuture<Void> tried = CompletableFuture.runAsync(() -> {
            DistributedLock lock = flaky.lock("n");
            assertThatThrownBy(() -> lock.tryLock(Duration.ofMillis(300))).isInstanceOf(LockException.class);
        });
        tried.get(30, TimeUnit.SECONDS);
        assertThat(consul.line("n")).as("nothing has arrived").isEmpty();
        consul.proxy.requests().thaw();
        LockHandle next = steady.acquire("n", Duration.ofSeconds(20));
        assertThat(next.isValid()).isTrue();
        next.release();
        await().atMost(Duration.ofSeconds(20)).until(() -> consul.line("n").isEmpty());
    }

    /** The same by hand: the very bytes of the contend, sent again after its undo was confirmed. */
    @Test
    void theVeryRequestSentAgainAfterItsUndoIsRefused() throws Exception {
        flaky.acquire("warm").release();
        Recording recording = consul.proxy.record();
        consul.proxy.replies().blackHole();
        DistributedLock lock = flaky.lock("n");
        assertThatThrownBy(() -> lock.tryLock(Duration.ofMillis(300))).isInstanceOf(LockException.class);
        await().until(() -> Proxied.requests(recording).size() > 0);
        String contend = bodyOfTheContend(recording);
        consul.proxy.heal();
        consul.proxy.resetAll();
        await().atMost(Duration.ofSeconds(20)).until(() -> consul.line("n").isEmpty());
        Administrator.Answer answer = consul.administrator.ask("PUT", "/v1/txn", contend);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body()).contains("failed index check");
        assertThat(consul.line("n")).isEmpty();
    }

    private static String bodyOfTheContend(Recording recording) {
        for (Recording.Exchange exchange : recording.exchanges()) {
            String sent = new String(exchange.requests(), StandardCharsets.UTF_8);
            int begin = sent.indexOf("[{\"KV\":{\"Verb\":\"check-index\"");
            if (begin >= 0 && sent.contains("check-not-exists")) {
                return sent.substring(begin, sent.indexOf("}}]", begin) + 3);
            }
        }
        throw new AssertionError("no contend was sent");
    }

    @Test
    void aReleaseWithoutAnswerStaysReleased() throws Exception {
        DistributedLock lock = flaky.lock("n");
        lock.lock();
        consul.proxy.replies().blackHole();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        LockHandle next = steady.acquire("n", Duration.ofSeconds(10));
        KeyEntry held = consul.line("n").get(0);
        consul.proxy.heal();
        consul.proxy.resetAll();
        // The release is sent again, and does not touch the new holder.
        flaky.acquire("other", Duration.ofSeconds(20)).release();
        assertThat(consul.line("n")).containsExactly(held);
        next.release();
    }

    /** Rule WA-3: a socket would be waited on until its time limit. */
    @Test
    void interruptingBreaksTheRequestOff() throws Exception {
        try (LockClient patient = LockClient.open(consul.config().with("operation-timeout", "1m"))) {
            DistributedLock lock = patient.lock("n");
            consul.proxy.replies().freeze();
            CompletableFuture<Long> ended = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    lock.lockInterruptibly();
                    ended.completeExceptionally(new AssertionError("got it without an answer"));
                } catch (InterruptedException e) {
                    ended.complete(System.nanoTime());
                }
            });
            thread.start();
            await().until(() -> !consul.line("n").isEmpty());
            long begun = System.nanoTime();
            thread.interrupt();
            assertThat(Duration.ofNanos(ended.get(30, TimeUnit.SECONDS) - begun))
                    .isLessThan(Duration.ofSeconds(10));
            thread.join();
            consul.proxy.heal();
        }
    }

    @Test
    void closingBreaksTheRequestOff() throws Exception {
        LockClient patient = LockClient.open(consul.config()
                .with("operation-timeout", "1m")
                .with("close-timeout", "1s")
                .withLease(Duration.ofSeconds(2))); // what it could not remove goes after twice that
        consul.proxy.replies().freeze();
        CompletableFuture<Void> waiting =
                CompletableFuture.runAsync(() -> patient.lock("n").lock());
        await().until(() -> !consul.line("n").isEmpty());
        long begun = System.nanoTime();
        patient.close();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        consul.proxy.heal();
    }
}
