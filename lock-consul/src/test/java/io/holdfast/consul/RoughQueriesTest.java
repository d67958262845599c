// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocking queries that fail, start anew or end for nothing: a waiter neither misses its turn nor asks without a pause. */
class RoughQueriesTest {
    @ParameterizedTest
    @EnumSource(Relay.Mood.class)
    void aWaiterOfItsOwnTakesItsTurn(Relay.Mood mood) throws Exception {
        takesItsTurn(mood, "32");
    }

    @ParameterizedTest
    @EnumSource(Relay.Mood.class)
    void aWaiterThatSharesItsQueryTakesItsTurn(Relay.Mood mood) throws Exception {
        takesItsTurn(mood, "0");
    }

    private static void takesItsTurn(Relay.Mood mood, String connections) throws Exception {
        try (Proxied consul = new Proxied();
                Relay relay = new Relay(consul.administrator, mood)) {
            LockConfig rough = LockConfig.of("consul://" + relay.endpoint())
                    .with("prefix", consul.prefix)
                    .with("wait-connections", connections);
            try (LockClient holder = LockClient.open(consul.steady());
                    LockClient client = LockClient.open(rough)) {
                LockHandle hold = holder.acquire("n");
                CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
                long begun = System.nanoTime();
                await().atMost(Duration.ofSeconds(60)).until(() -> relay.queries.get() >= 5);
                double perSecond = 5e9 / (System.nanoTime() - begun);
                assertThat(perSecond).as("queries a second").isLessThan(25);
                assertThat(waiting).isNotDone();
                hold.release();
                LockHandle held = waiting.get(30, TimeUnit.SECONDS);
                assertThat(held.isValid()).isTrue();
                held.release();
            }
        }
    }

    /** Rule WA-7: the query's answer never comes, and the renewal finds the predecessor gone. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "32"})
    void anAnswerThatNeverComesCostsNoMoreThanARenewalRound(String connections) throws Exception {
        Duration lease = Duration.ofSeconds(6);
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(consul.config()
                        .withLease(lease)
                        .with("poll-interval", "10m")
                        .with("wait-connections", connections))) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            consul.proxy.replies().blackHole();
            hold.release();
            await().until(() -> consul.line("n").size() == 1);
            // The connections that are open now stay deaf; those made from now on hear.
            consul.proxy.heal();
            assertThat(waiting.get(30, TimeUnit.SECONDS).isValid()).isTrue();
            assertThat(client.metrics().lost()).isZero();
        }
    }

    /** ME-1, ME-7: who is taken out of the line while it waits holds nothing when the one that was before it goes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWaiterThatIsNotInLineAnyMoreDoesNotHoldBesideTheNextOne(boolean bySession) throws Exception {
        Duration noRenewal = Duration.ofMinutes(2); // which would tell, too
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient removed = LockClient.open(consul.steady().withLease(noRenewal));
                LockClient next = LockClient.open(consul.steady())) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<LockHandle> before = removed.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            CompletableFuture<LockHandle> waiting = next.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 3);
            KeyEntry second = consul.line("n").get(1);
            if (bySession) {
                consul.administrator.endSession(second.session());
            } else {
                consul.administrator.delete(second.key());
            }
            await().until(() -> consul.line("n").stream().noneMatch(second::isSame));
            hold.release();
            LockHandle valid = waiting.get(20, TimeUnit.SECONDS);
            // It contends anew, or holds.
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> before.isDone() || consul.line("n").size() == 2);
            assertThat(before).as("beside the one that is first").isNotDone();
            valid.release();
            before.get(20, TimeUnit.SECONDS).release();
        }
    }

    /** WA-7: a gateway that has no way to Consul for a moment answers 404 with nothing; that says nothing of any key. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "32"})
    void aBlankPageOfAGatewaysTakesNobodyOutOfTheLine(String connections) throws Exception {
        AtomicBoolean blank = new AtomicBoolean();
        AtomicInteger pages = new AtomicInteger();
        try (Proxied consul = new Proxied();
                Relay gateway = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
                    @Override
                    Administrator.Answer pass(String method, String path, String body) {
                        if (!blank.get()) {
                            return super.pass(method, path, body);
                        }
                        pages.incrementAndGet();
                        return new Administrator.Answer(404, "");
                    }
                };
                LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(LockConfig.of("consul://" + gateway.endpoint())
                        .with("prefix", consul.prefix)
                        .with("wait-connections", connections)
                        .withLease(Duration.ofMinutes(2)))) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            blank.set(true);
            await().until(() -> pages.get() >= 4);
            blank.set(false);
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
        }
    }

    /** A contender whose session is ended by hand gives its place up, and those behind it do not wait for it. */
    @Test
    void aPredecessorWhoseSessionEndsLetsTheNextOneUp() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient second = LockClient.open(consul.steady().withLabel("second"));
                LockClient third = LockClient.open(consul.steady())) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<LockHandle> before = second.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            CompletableFuture<LockHandle> waiting = third.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 3);
            consul.administrator.endSession(consul.line("n").get(1).session());
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
            before.get(60, TimeUnit.SECONDS).release();
        }
    }

    /** Who follows the first in line holds when that is gone; who follows a waiter does not, when that gives up. */
    @Test
    void aPredecessorThatGivesUpHandsNobodyTheLock() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient second = LockClient.open(consul.steady());
                LockClient third = LockClient.open(consul.config().with("poll-interval", "5m"))) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<LockHandle> before = second.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            CompletableFuture<LockHandle> waiting = third.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 3);
            Recording recording = consul.proxy.record();
            before.cancel(true);
            await().until(() -> Proxied.requests(recording).stream().anyMatch(line -> line.contains("?recurse")));
            await().during(Duration.ofMillis(300)).until(() -> !waiting.isDone());
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
            assertThat(Proxied.requests(recording).stream().filter(line -> line.contains("?recurse")))
                    .as("one look, at whom the one that gave up was behind, and one when that is gone")
                    .hasSize(2);
        }
    }

    /** The key of who left is there again, further back, before anybody has looked: a client uses few keys a name, in turn. */
    @Test
    void aKeyThatIsThereAgainIsNotTakenForTheOneThatLeft() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady().withLease(Duration.ofMinutes(2)));
                LockClient noisy = LockClient.open(consul.steady());
                LockClient client = LockClient.open(
                        consul.steady().withLease(Duration.ofMinutes(2)).with("wait-connections", "0"))) {
            for (int round = 0; round < 4; round++) {
                LockHandle hold = holder.acquire("n");
                String key = consul.line("n").get(0).key();
                for (int i = 1; i < Slots.COUNT; i++) {
                    holder.acquire("other").release();
                }
                CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
                await().until(() -> consul.line("n").size() == 2);
                noisy.acquire("noise").release(); // the shared query is in its pause after this
                hold.release();
                CompletableFuture<LockHandle> again = holder.acquireAsync("n").toCompletableFuture();
                waiting.get(10, TimeUnit.SECONDS).release();
                again.get(20, TimeUnit.SECONDS).release();
                assertThat(key).startsWith(consul.keys.line("n"));
            }
        }
    }
}
