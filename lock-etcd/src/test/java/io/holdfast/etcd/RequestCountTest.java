// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules SP-4 and RE-3: what etcd was asked, by its own metrics. */
@SuppressWarnings("LockNotBeforeTry") // re-entries are what is counted
class RequestCountTest {
    private StoreServer server;
    private Metrics metrics;
    private Etcd etcd;

    @BeforeEach
    void start() {
        server = StoreKind.ETCD_3_4.spec().start();
        metrics = new Metrics(server.node(1).endpoint());
        etcd = Etcd.at(server.node(1).endpoint());
    }

    @AfterEach
    void end() {
        etcd.close();
        server.close();
    }

    /** No renewal comes by while something is counted. */
    private LockConfig config() {
        return LockConfig.of("etcd://" + server.endpoints()).withLease(Duration.ofHours(1));
    }

    @Test
    void acquireIsOneTransactionReleaseOneAndReentryNone() {
        try (LockClient client = LockClient.open(config())) {
            DistributedLock lock = client.lock("n");
            cycle(lock);
            long transactions = metrics.answered("Txn");
            long reads = metrics.answered("Range");
            for (int i = 0; i < 100; i++) {
                cycle(lock);
            }
            assertThat(metrics.answered("Txn") - transactions)
                    .as("100 acquired and released, 200 re-entries")
                    .isEqualTo(200);
            assertThat(metrics.answered("Range") - reads).isZero();
            assertThat(metrics.answered("Put") + metrics.answered("DeleteRange"))
                    .isZero();
            assertThat(metrics.open("Watch")).as("nobody waits").isZero();
        }
    }

    private static void cycle(DistributedLock lock) {
        lock.lock();
        try {
            lock.lock();
            lock.lock();
            assertThat(lock.getHoldCount()).isEqualTo(3);
            lock.unlock();
            lock.unlock();
        } finally {
            lock.unlock();
        }
    }

    @Test
    void aRenewalIsAKeepAliveAndOneReadForSixtyNames() throws Exception {
        try (LockClient client = LockClient.open(config().withLease(Duration.ofSeconds(6)))) {
            List<LockHandle> holds = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                holds.add(client.acquire("n" + i));
            }
            long renewals = client.metrics().renewals();
            await().until(() -> client.metrics().renewals() > renewals);
            long rounds = client.metrics().renewals();
            long transactions = metrics.answered("Txn");
            long keepAlives = metrics.answered("LeaseKeepAlive");
            await().atMost(Duration.ofSeconds(60)).until(() -> client.metrics().renewals() >= rounds + 4);
            long sent = client.metrics().renewals() - rounds;
            assertThat(metrics.answered("Txn") - transactions).isBetween(sent - 1, sent + 1);
            assertThat(metrics.answered("LeaseKeepAlive") - keepAlives).isBetween(sent - 1, sent + 1);
            assertThat(metrics.answered("LeaseGrant")).isEqualTo(1);
            holds.forEach(LockHandle::release);
        }
    }

    /** A hand-over: one release, one look by the next in line, and no other request of those who wait. */
    @Test
    void aReleaseWakesOneWaiterAndNobodyElse() throws Exception {
        try (Client jetcd =
                Client.builder().endpoints("http://" + server.endpoints()).build()) {
            EtcdBackend backend = EtcdBackend.using(jetcd);
            List<LockClient> clients = new ArrayList<>();
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            LockConfig hour = LockConfig.load().withLease(Duration.ofHours(1));
            clients.add(LockClient.open(backend, hour));
            LockHandle hold = clients.get(0).acquire("n");
            for (int i = 0; i < 8; i++) {
                LockClient client = LockClient.open(backend, hour);
                clients.add(client);
                waiting.add(client.acquireAsync("n").toCompletableFuture());
                int place = i + 2;
                await().until(() -> etcd.line("holdfast", "n").size() == place);
            }
            await().until(() -> metrics.open("Watch") == 1);
            long transactions = settled("Txn");
            hold.release();
            for (CompletableFuture<LockHandle> next : waiting) {
                next.get(20, TimeUnit.SECONDS).release();
            }
            assertThat(metrics.open("Watch")).as("one watch for all of them").isEqualTo(1);
            assertThat(metrics.answered("Txn") - transactions)
                    .as("nine releases, and a look of each that waited")
                    .isEqualTo(9 + 8);
            clients.forEach(LockClient::close);
            await().until(() -> metrics.open("Watch") == 0);
        }
    }

    /** The count once nothing is added any more: what was under way when all stood in line has been answered. */
    private long settled(String method) {
        long[] last = {-1};
        await().pollInterval(Duration.ofMillis(300)).until(() -> {
            long now = metrics.answered(method);
            boolean same = now == last[0];
            last[0] = now;
            return same;
        });
        return last[0];
    }

    @Test
    void watchesAreBoundedHoweverManyNamesAreWaitedFor() throws Exception {
        try (LockClient holder = LockClient.open(config());
                LockClient other = LockClient.open(config().with("watch-streams", "4"))) {
            List<LockHandle> holds = new ArrayList<>();
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "n" + i;
                holds.add(holder.acquire(name));
                waiting.add(other.acquireAsync(name).toCompletableFuture());
                await().until(() -> etcd.line("holdfast", name).size() == 2);
            }
            await().until(() -> metrics.open("Watch") == 5);
            for (int i = 0; i < 20; i++) {
                holds.get(i).release();
                waiting.get(i).get(10, TimeUnit.SECONDS).release();
                assertThat(metrics.open("Watch")).isLessThanOrEqualTo(5);
            }
        }
    }
}
