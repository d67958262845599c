// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rules SP-4 and RE-3: what goes over the wire, by the proxy's recording. */
@SuppressWarnings("LockNotBeforeTry") // re-entries are what is counted
class RequestCountTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @Test
    void acquireIsOneRequestReleaseOneAndReentryNone() {
        try (Proxied consul = new Proxied();
                LockClient client = LockClient.open(consul.config().withLease(LONG))) {
            DistributedLock lock = client.lock("n");
            lock.lock();
            lock.unlock();
            Recording recording = consul.proxy.record();
            for (int i = 0; i < 50; i++) {
                lock.lock();
                lock.lock();
                lock.unlock();
                lock.unlock();
            }
            assertThat(Proxied.requests(recording))
                    .as("50 acquired and released, 50 re-entries")
                    .hasSize(100)
                    .containsOnly("PUT /v1/txn?consistent HTTP/1.1");
        }
    }

    @Test
    void aTryIsOneRequestWhenTheLockIsFreeAndTwoWhenItIsHeld() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(consul.config().withLease(LONG))) {
            LockHandle held = holder.acquire("held");
            Recording recording = consul.proxy.record();
            assertThat(client.tryAcquire("held")).isEmpty();
            assertThat(Proxied.requests(recording)).hasSize(2);
            assertThat(consul.line("held")).as("nothing is left of the try").hasSize(1);
            client.tryAcquire("free").orElseThrow().release();
            assertThat(Proxied.requests(recording)).hasSize(4);
            held.release();
        }
    }

    /** One for the session, and one for every 64 held names. */
    @Test
    void aRenewalRoundIsOneRequestAndOneForEverySixtyFourHeldNames() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient client = LockClient.open(consul.config().withLease(Duration.ofSeconds(6)))) {
            List<LockHandle> held = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                held.add(client.acquire("n" + i));
            }
            Recording recording = consul.proxy.record();
            await().atMost(Duration.ofSeconds(40)).until(() -> renewals(recording) >= 6);
            long sent = Proxied.requests(recording).size();
            long rounds = renewals(recording);
            // The recording begins and ends within a round, whose last request is made in the background.
            assertThat(sent - rounds).as("beside %d renewals", rounds).isBetween(2 * rounds - 2, 2 * rounds + 2);
            held.forEach(LockHandle::release);
        }
    }

    private static long renewals(Recording recording) {
        return Proxied.requests(recording).stream()
                .filter(line -> line.startsWith("PUT /v1/session/renew/"))
                .count();
    }

    /** A hand-over costs the releasing client one request, and the next one two: its query ends, and it looks. */
    @Test
    void aReleaseWakesOneWaiterAndNobodyElse() throws Exception {
        int waiters = 8;
        try (Proxied consul = new Proxied();
                LockClient first = LockClient.open(consul.steady())) {
            List<LockClient> clients = new ArrayList<>();
            try {
                LockHandle hold = first.acquire("n");
                List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
                for (int i = 0; i < waiters; i++) {
                    LockClient client =
                            LockClient.open(consul.config().withLease(LONG).with("poll-interval", "5m"));
                    clients.add(client);
                    waiting.add(client.acquireAsync("n").toCompletableFuture());
                    int place = i + 2;
                    await().until(() -> consul.line("n").size() == place);
                }
                Recording recording = consul.proxy.record();
                hold.release();
                for (CompletableFuture<LockHandle> next : waiting) {
                    next.get(20, TimeUnit.SECONDS).release();
                }
                List<String> sent = Proxied.requests(recording);
                assertThat(sent.stream().filter(line -> line.startsWith("PUT /v1/txn")))
                        .as("a release each")
                        .hasSize(waiters);
                assertThat(sent.stream().filter(line -> line.contains("?recurse")))
                        .as("a look each")
                        .hasSize(waiters);
                assertThat(sent).as("nothing else").hasSize(2 * waiters);
            } finally {
                clients.forEach(LockClient::close);
            }
        }
    }

    /** The one that waits alone has its turn by the answer to its query, which shows all of the line. */
    @Test
    void aHandOverBetweenTwoIsARequestOfOneAndTheNextQueryOfTheOther() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient client =
                        LockClient.open(consul.config().withLease(LONG).with("poll-interval", "5m"))) {
            for (int round = 0; round < 5; round++) {
                LockHandle hold = holder.acquire("n");
                Recording recording = consul.proxy.record();
                CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
                await().until(() -> Proxied.requests(recording).size() == 2);
                hold.release();
                LockHandle held = waiting.get(20, TimeUnit.SECONDS);
                assertThat(Proxied.requests(recording))
                        .as("its place, and its wait")
                        .hasSize(2);
                held.release();
            }
        }
    }

    /** An agent refuses the 201st connection of an address. */
    @Test
    void aThousandWaitingNamesTakeFewConnectionsAndThreads() throws Exception {
        int names = 1000;
        try (Proxied consul = new Proxied();
                LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(consul.config().with("wait-connections", "12"))) {
            List<LockHandle> held = new ArrayList<>();
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            for (int i = 0; i < names; i++) {
                held.add(holder.acquire("n" + i));
            }
            for (int i = 0; i < names; i++) {
                waiting.add(client.acquireAsync("n" + i).toCompletableFuture());
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> consul.administrator.entries(consul.keys.root()).stream()
                                    .filter(LockKeys::isContender)
                                    .count()
                            == 2L * names);
            await().atMost(Duration.ofSeconds(20)).until(() -> workers() <= 12 + 1 + Transport.FOR_REQUESTS + 2);
            assertThat(consul.proxy.traffic().open()).isLessThanOrEqualTo(12 + 1 + Transport.FOR_REQUESTS + 2);
            held.forEach(LockHandle::release);
            for (CompletableFuture<LockHandle> next : waiting) {
                assertThat(next.get(60, TimeUnit.SECONDS).isValid()).isTrue();
            }
            assertThat(consul.proxy.traffic().open()).isLessThanOrEqualTo(12 + 1 + Transport.FOR_REQUESTS + 2);
            assertThat(client.metrics().lost()).isZero();
        }
    }

    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast-worker"))
                .count();
    }
}
