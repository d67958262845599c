// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.internal.SpiClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rule SP-7: the machine has no thread left for a moment, as a session is closed. */
class NoThreadTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final AtomicBoolean none = new AtomicBoolean();
    private final AtomicBoolean refuses = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final String prefix = "threads-" + UUID.randomUUID();
    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private final KitRuntime runtime = new KitRuntime();
    private final LockConfig config = LockConfig.of("zk://127.0.0.1:" + server.getPort() + "?tick=500ms")
            .with("prefix", prefix)
            .withRuntime(runtime)
            .withLease(LEASE);

    private ZooKeeperBackend backend() {
        BackendConfig all = BackendConfig.of(config);
        ZooKeeperSettings settings = ZooKeeperSettings.of(all);
        CuratorSettings curator = CuratorSettings.of(all, settings);
        OwnLinks links = new OwnLinks(curator, task -> new Thread(task) {
            @Override
            public synchronized void start() {
                if (none.get()) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
            }
        });
        return new ZooKeeperBackend(new ZooKeeperLine(links, settings, curator.paths(), "zookeeper"));
    }

    private LockSession session(ZooKeeperBackend backend) throws Exception {
        SpiClient events = new SpiClient(backend);
        return backend.openSession(new SessionOptions(LEASE, "test", sparse()), events)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("SP-7: a session is closed by a thread of its client when there is none of its own to be had")
    void closedByAnotherThread() throws Exception {
        try (ZooKeeperBackend backend = backend();
                Admin admin = new Admin(server)) {
            LockSession session = session(backend);
            none.set(true);
            session.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(admin.nodesUnder("/" + prefix)).isEmpty();
        } finally {
            runtime.close();
        }
    }

    @Test
    @DisplayName("SP-7: a close that finds no thread at all is done when there is one")
    void closedWhenThereIsAThread() throws Exception {
        try (ZooKeeperBackend backend = backend();
                Admin admin = new Admin(server)) {
            LockSession session = session(backend);
            none.set(true);
            refuses.set(true);
            CompletionStage<Void> closed = session.close();
            assertThat(asked).as("handed in").hasPositiveValue();
            none.set(false);
            refuses.set(false);
            closed.toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(admin.nodesUnder("/" + prefix)).isEmpty();
        } finally {
            runtime.close();
        }
    }

    /** That of the test, whose executor may refuse. */
    private LockRuntime sparse() {
        return new LockRuntime() {
            @Override
            public LockClock clock() {
                return runtime.clock();
            }

            @Override
            public LockScheduler scheduler() {
                return runtime.scheduler();
            }

            @Override
            public Executor executor() {
                return task -> {
                    if (refuses.get()) {
                        asked.incrementAndGet();
                        throw new RejectedExecutionException("refused by the test");
                    }
                    runtime.executor().execute(task);
                };
            }
        };
    }
}
