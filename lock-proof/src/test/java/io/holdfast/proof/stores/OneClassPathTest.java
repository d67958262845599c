// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All four networked stores at once, in one JVM, by one class path: their client libraries agree on what they share, and nothing
 * but the URL tells one from another.
 */
class OneClassPathTest {
    private static final Map<StoreKind, String> SCHEMES = new EnumMap<>(Map.of(
            StoreKind.REDIS_7, "redis",
            StoreKind.ZOOKEEPER_3_9, "zookeeper",
            StoreKind.ETCD_3_4, "etcd",
            StoreKind.CONSUL_1_8, "consul"));
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    @Timeout(180)
    void allFourExcludeAndHandOverSideBySideAndLeaveNoThread() throws InterruptedException {
        Map<StoreKind, String> urls = new EnumMap<>(StoreKind.class);
        SCHEMES.forEach((kind, scheme) ->
                urls.put(kind, scheme + "://" + Servers.shared(kind).endpoints()));
        Set<Long> before = threads();

        List<LockClient> clients = new ArrayList<>();
        try {
            List<LockHandle> holds = new ArrayList<>();
            String name = "one-class-path-" + UUID.randomUUID();
            for (String url : urls.values()) {
                LockClient first = client(url, clients);
                LockClient second = client(url, clients);
                LockHandle hold = first.acquire(name, LONG);
                assertThat(second.tryAcquire(name)).as("exclusion in %s", url).isEmpty();
                hold.release();
                LockHandle next = second.acquire(name, LONG);
                assertThat(next.fencingToken()).as("token in %s", url).isGreaterThan(hold.fencingToken());
                reenter(first.lock("other-" + name));
                holds.add(next);
            }
            // Held in all four at once, by one name: stores know nothing of each other.
            assertThat(holds).hasSize(SCHEMES.size()).allMatch(LockHandle::isValid);
            for (int i = 0; i < clients.size(); i += 2) {
                assertThat(clients.get(i).tryAcquire(name, SHORT)).isEmpty();
            }
            holds.forEach(LockHandle::release);
        } finally {
            clients.forEach(LockClient::close);
        }
        awaitNoThreadsBeside(before);
    }

    private static LockClient client(String url, List<LockClient> clients) {
        LockClient client = LockClient.open(LockConfig.of(url));
        clients.add(client);
        return client;
    }

    @SuppressWarnings("LockNotBeforeTry") // what is tested are the counts
    private static void reenter(DistributedLock lock) {
        lock.lock();
        lock.lock();
        assertThat(lock.getHoldCount()).isEqualTo(2);
        lock.unlock();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
    }

    private static Set<Long> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getId).collect(Collectors.toSet());
    }

    private static void awaitNoThreadsBeside(Set<Long> before) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        List<Thread> left = beside(before);
        while (!left.isEmpty() && System.nanoTime() < end) {
            left.get(0).join(100);
            left = beside(before);
        }
        assertThat(left).as("threads that outlive all clients (CL-3)").isEmpty();
    }

    private static List<Thread> beside(Set<Long> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread.getId()) && !runsTests(thread))
                .toList();
    }

    /** JUnit's own pool grows when it likes. */
    private static boolean runsTests(Thread thread) {
        return Thread.currentThread() instanceof ForkJoinWorkerThread own
                && thread instanceof ForkJoinWorkerThread other
                && own.getPool() == other.getPool();
    }
}
