// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;
import org.redisson.misc.RedisURI;

/** Another server becomes the master of a living Redisson client, and the old one keeps its connections open. */
class MasterChangeTest {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final LockKeys keys = LockKeys.of("holdfast", "n");
    private StoreServer first;
    private StoreServer second;
    private Resp old;
    private Resp next;
    private RedissonClient lent;
    private LockClient client;

    @BeforeEach
    void start() {
        first = StoreKind.REDIS_7.spec().start();
        second = StoreKind.REDIS_7.spec().start();
        old = Resp.open(first.node(1).address());
        next = Resp.open(second.node(1).address());
        replicate(next, first.node(1));
        Config config = new Config();
        config.useMasterSlaveServers()
                .setMasterAddress("redis://" + first.endpoints())
                .setReadMode(ReadMode.MASTER);
        lent = Redisson.create(config);
        client = LockClient.open(RedisBackend.using(lent), LockConfig.load().withLease(LEASE));
    }

    @AfterEach
    void end() {
        client.close();
        lent.shutdown();
        old.close();
        next.close();
        first.close();
        second.close();
    }

    private static void replicate(Resp replica, ServerNode master) {
        replica.ask(
                "REPLICAOF",
                master.address().getHostString(),
                Integer.toString(master.address().getPort()));
        await().atMost(BOUND).until(() -> replica.text("INFO", "replication").contains("master_link_status:up"));
    }

    /** A hold that was renewed on the first server and is known to the second. */
    private LockHandle renewedHold() throws Exception {
        LockHandle hold = client.acquire("n", BOUND);
        long renewals = client.metrics().renewals();
        await().atMost(BOUND).until(() -> client.metrics().renewals() >= renewals + 2);
        await().atMost(BOUND).until(() -> next.number("EXISTS", keys.state()) == 1);
        return hold;
    }

    /** What Redisson's watch over DNS, a replica's role or a Sentinel calls once it sees another master. */
    private void repoint() throws Exception {
        ((Redisson) lent)
                .getCommandExecutor()
                .getConnectionManager()
                .getWriteEntry(0)
                .changeMaster(new RedisURI("redis://" + second.endpoints()))
                .get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }

    /** Several leases long by the new master's own count: a hold that is renewed elsewhere is over by then. */
    private void isRenewedByTheNewMaster(LockHandle hold) {
        await().atMost(BOUND).until(() -> next.calls("evalsha") >= 10 || !hold.isValid());
        assertThat(hold.isValid()).isTrue();
        assertThat(client.metrics().lost()).isZero();
        assertThat(next.number("HEXISTS", keys.state(), "h")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "KE-1: the old master still takes writes: no renewal goes to it, or its word would count while the new one grants")
    void oldMasterStillTakesWrites() throws Exception {
        LockHandle hold = renewedHold();
        next.ask("REPLICAOF", "NO", "ONE");
        repoint();
        next.line("CONFIG RESETSTAT");
        // A round may have left just before.
        long renewals = client.metrics().renewals();
        await().atMost(BOUND).until(() -> client.metrics().renewals() > renewals);
        old.line("CONFIG RESETSTAT");
        await().atMost(BOUND).until(() -> client.metrics().renewals() >= renewals + 6);
        assertThat(old.calls("evalsha")).as("renewals at the old master").isZero();
        isRenewedByTheNewMaster(hold);
        hold.release();
    }

    @Test
    @DisplayName("KE-1: the old master is a replica now: its refusals lose no hold")
    void oldMasterIsAReplica() throws Exception {
        LockHandle hold = renewedHold();
        next.ask("REPLICAOF", "NO", "ONE");
        replicate(old, second.node(1));
        repoint();
        next.line("CONFIG RESETSTAT");
        isRenewedByTheNewMaster(hold);
        hold.release();
    }

    /** Behind one address that never changes, only a new connection finds the new master. */
    @Test
    @DisplayName("KE-1: a connection that says it leads to a replica is not used again")
    void aReplicasConnectionIsLeft() throws Exception {
        LockHandle hold = renewedHold();
        long connections = connections();
        old.ask("REPLICAOF", "127.0.0.1", "1");
        await().atMost(BOUND).until(() -> connections() > connections);
        old.ask("REPLICAOF", "NO", "ONE");
        Duration most = LEASE.multipliedBy(3).dividedBy(5);
        await().atMost(BOUND).until(() -> hold.remainingLease().compareTo(most) > 0);
        assertThat(client.metrics().lost()).isZero();
        hold.release();
    }

    private long connections() {
        return old.text("INFO", "stats")
                .lines()
                .filter(line -> line.startsWith("total_connections_received:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                .sum();
    }
}
