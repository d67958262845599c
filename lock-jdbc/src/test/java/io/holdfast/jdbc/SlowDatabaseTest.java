// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.Fault;
import io.holdfast.lab.proxy.FaultScript;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases that answer late, or whose connections end, while a client holds a lock and waits for others. */
class SlowDatabaseTest {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int WAITED_FOR = 50;

    /** A database behind a proxy. */
    enum Database {
        POSTGRESQL(StoreKind.POSTGRESQL_15, "postgresql", "postgres"),
        MARIADB(StoreKind.MARIADB_10_11, "mariadb", "holdfast");

        private final StoreKind kind;
        private final String protocol;
        private final String name;

        Database(StoreKind kind, String protocol, String name) {
            this.kind = kind;
            this.protocol = protocol;
            this.name = name;
        }

        LockClient client(String endpoint) {
            return LockClient.open(
                    LockConfig.of("jdbc:" + protocol + "://" + endpoint + "/" + name + "?create-table=true&user=root")
                            .withLease(LEASE));
        }
    }

    /** Each answer late by a part of a lease: what takes several, one after the other, must not be what a hold depends on. */
    @ParameterizedTest
    @CsvSource({"POSTGRESQL, 12", "POSTGRESQL, 40", "MARIADB, 12", "MARIADB, 20"})
    @DisplayName("KE-3: a database that answers late keeps a hold, whoever else waits in its client")
    void lateAnswers(Database database, int percent) throws Exception {
        keeps(database, proxy -> proxy.replies()
                .delay(LEASE.multipliedBy(percent).dividedBy(100)));
    }

    /** A connection every 200 ms on the average, with what it was about to say. */
    @ParameterizedTest
    @EnumSource
    @DisplayName("KE-2: a database whose connections end again and again keeps a hold")
    void connectionsThatEnd(Database database) throws Exception {
        SplittableRandom random = new SplittableRandom(2112);
        FaultScript script = FaultScript.empty();
        for (int at = 0; at < LEASE.multipliedBy(4).toMillis(); at += 100) {
            int bytes = random.nextInt(60);
            if (random.nextBoolean()) {
                script = script.then(Duration.ofMillis(at), new Fault("cut", proxy -> proxy.replies()
                        .cutAfter(bytes, Cut.RESET)));
            }
        }
        FaultScript all = script;
        keeps(database, proxy -> proxy.play(all));
    }

    /** One hold of a client that does nothing else, and one of a client that waits for many locks of others. */
    private static void keeps(Database database, Consumer<TcpProxy> harm) throws Exception {
        try (StoreServer server = database.kind.spec().start();
                TcpProxy proxy = TcpProxy.to(server.node(1).address());
                LockClient others = database.client(server.node(1).endpoint());
                LockClient quiet = database.client(proxy.endpoint());
                LockClient busy = database.client(proxy.endpoint())) {
            for (int i = 0; i < WAITED_FOR; i++) {
                others.acquire("other-" + i, LONG);
            }
            CompletableFuture<LockLoss> lost = new CompletableFuture<>();
            List<LockHandle> holds = new ArrayList<>();
            for (LockClient client : List.of(quiet, busy)) {
                holds.add(client.acquire("mine-" + holds.size(), LONG));
                holds.get(holds.size() - 1).onLost(lost::complete);
            }
            // Renewed, so that its connections are idle, as those of any client that holds for long.
            assertThatThrownBy(() -> lost.get(LEASE.toMillis() * 3 / 2, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            harm.accept(proxy);
            for (int i = 0; i < WAITED_FOR; i++) {
                busy.acquireAsync("other-" + i);
            }
            assertThatThrownBy(() -> lost.get(LEASE.toMillis() * 4, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(holds).allMatch(LockHandle::isValid);
            proxy.heal();
        }
    }
}
