// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.codec.SerializationCodec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;
import org.redisson.config.NameMapper;
import org.redisson.config.Protocol;
import org.redisson.config.ReadMode;
import org.redisson.config.SubscriptionMode;

/** SP-9: no setting of a lent Redisson client splits the locks, repeats a request or delays a loss. */
class LentSettingsTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final List<RedissonClient> lent = new ArrayList<>();
    private StoreServer server;
    private Resp redis;

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().start();
        redis = Resp.open(server.node(1).address());
    }

    @AfterEach
    void end() {
        lent.forEach(RedissonClient::shutdown);
        redis.close();
        server.close();
    }

    private RedissonClient lend(String endpoint, Consumer<Config> settings) {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + endpoint);
        settings.accept(config);
        RedissonClient client = Redisson.create(config);
        lent.add(client);
        return client;
    }

    /** Renewals and looks are far apart: a hand-over is quick by its message or not at all. */
    private LockConfig config() {
        return LockConfig.of("redis://" + server.endpoints())
                .withLease(Duration.ofMinutes(10))
                .with("poll-interval", "5m");
    }

    private LockClient open(RedissonClient client) {
        RedisSettings settings = RedisSettings.DEFAULTS.withPollInterval(Duration.ofMinutes(5));
        return LockClient.open(RedisBackend.using(client, settings), config());
    }

    private void excludeEachOther(LockClient one, LockClient other) throws Exception {
        excludeEachOther(other, one, one.acquire("n", BOUND));
    }

    private void excludeEachOther(LockClient asking, LockClient holding, LockHandle hold) throws Exception {
        assertThat(asking.tryAcquire("n")).isEmpty();
        handOver(hold, holding, asking);
        LockHandle back = asking.acquire("n", BOUND);
        assertThat(holding.tryAcquire("n")).isEmpty();
        handOver(back, asking, holding);
    }

    private void handOver(LockHandle hold, LockClient from, LockClient to) throws Exception {
        CompletableFuture<LockHandle> waiting = to.acquireAsync("n").toCompletableFuture();
        await().until(() -> from.lock("n").inspect().contenders() == 2);
        hold.release();
        LockHandle next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(from.list()).extracting(LockInfo::name).containsExactly("n");
        next.release();
    }

    private static NameMapper tenant(String mark) {
        return new NameMapper() {
            @Override
            public String map(String name) {
                return mark + name;
            }

            @Override
            public String unmap(String name) {
                return name.startsWith(mark) ? name.substring(mark.length()) : name;
            }
        };
    }

    @Test
    @DisplayName("SP-9: a name mapper splits nothing, and loses no message")
    void nameMapper() throws Exception {
        try (LockClient mapped = open(lend(server.endpoints(), c -> c.setNameMapper(tenant("tenant7:"))));
                LockClient alike = open(lend(server.endpoints(), c -> c.setNameMapper(tenant("tenant7:"))));
                LockClient plain = LockClient.open(config())) {
            excludeEachOther(mapped, plain);
            excludeEachOther(mapped, alike);
            assertThat(redis.list("KEYS", "*")).containsExactly("holdfast:{n}");
        }
    }

    @Test
    void aNameMapperThatPutsBlanksIntoNamesIsRefused() {
        RedissonClient odd = lend(server.endpoints(), c -> c.setNameMapper(tenant("of tenant 7:")));
        assertThatThrownBy(() -> RedisBackend.using(odd))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("name mapper");
    }

    @Test
    void aClusterIsRefusedWithTheReason() {
        Config config = new Config();
        config.useClusterServers().addNodeAddress("redis://127.0.0.1:1");
        RedissonClient cluster = Redisson.create(config.setLazyInitialization(true));
        lent.add(cluster);
        assertThatThrownBy(() -> RedisBackend.using(cluster))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("Redis Cluster, which is not served");
    }

    /** Redisson's cache of scripts would ask for the right to load them. */
    @Test
    @DisplayName("SP-9: codec, protocol, script cache and rights")
    void codecProtocolAndScripts() throws Exception {
        redis.line("ACL SETUSER locker on >pw " + AclUserTckTest.RIGHTS + AclUserTckTest.LISTING);
        Consumer<Config> settings = c -> c.setCodec(new SerializationCodec())
                .setUseScriptCache(true)
                .setUsername("locker")
                .setPassword("pw");
        try (LockClient one = open(lend(server.endpoints(), settings));
                LockClient other = open(lend(server.endpoints(), settings.andThen(c -> c.setCodec(null))));
                LockClient plain = LockClient.open(config());
                LockClient third = open(lend(server.endpoints(), c -> c.setProtocol(Protocol.RESP3)))) {
            excludeEachOther(one, other);
            excludeEachOther(one, plain);
            excludeEachOther(third, one);
            LockHandle hold = other.acquire("n", BOUND);
            redis.line("SCRIPT FLUSH");
            excludeEachOther(one, other, hold);
        }
    }

    @Test
    @DisplayName("SP-9: messages that may come in any order are not believed")
    void messagesWithoutOrder() throws Exception {
        try (LockClient first = LockClient.open(config());
                LockClient second = open(lend(server.endpoints(), c -> c.setKeepPubSubOrder(false)))) {
            LockHandle hold = first.acquire("n");
            CompletableFuture<LockHandle> waiting = second.acquireAsync("n").toCompletableFuture();
            await().until(() -> redis.number("EXISTS", "holdfast:{n}:line") == 1);
            redis.line("CONFIG RESETSTAT");
            hold.release();
            waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(redis.calls("evalsha")).as("the release, and a look").isEqualTo(2);
        }
    }

    @Test
    @DisplayName("SP-9: retries repeat no request")
    void retries() throws Exception {
        Consumer<Config> eager = c -> c.useSingleServer()
                .setConnectionMinimumIdleSize(4)
                .setRetryAttempts(20)
                .setRetryDelay(new ConstantDelay(Duration.ofMillis(10)))
                .setTimeout(100)
                .setIdleConnectionTimeout(200);
        try (TcpProxy proxy = TcpProxy.to(server.node(1).address());
                LockClient client = open(lend(proxy.endpoint(), eager))) {
            client.acquire("n").release(); // the server knows the scripts now
            redis.ask("SCRIPT", "LOAD", Script.WITHDRAW.text());
            redis.line("CONFIG RESETSTAT");
            proxy.replies().blackHole();
            assertThatThrownBy(() -> client.tryAcquire("n")).isInstanceOf(LockException.class);
            String calls = redis.text("INFO", "commandstats");
            // Each withdrawal is a request of ours, with a tombstone.
            assertThat(Resp.calls("evalsha", calls) - Resp.calls("zadd", calls))
                    .as("one contend, however often Redisson would repeat it")
                    .isEqualTo(1);
            proxy.heal();
            proxy.resetAll();
            client.acquire("n", BOUND).release();
        }
    }

    @Test
    @DisplayName("SP-9: a read mode that prefers replicas asks the master all the same")
    void replicas() throws Exception {
        try (StoreServer second = StoreKind.REDIS_7.spec().start();
                Resp replica = Resp.open(second.node(1).address())) {
            replica.line("REPLICAOF 127.0.0.1 " + server.node(1).address().getPort());
            await().atMost(BOUND)
                    .until(() -> replica.text("INFO", "replication").contains("master_link_status:up"));
            Config config = new Config();
            config.useMasterSlaveServers()
                    .setMasterAddress("redis://" + server.endpoints())
                    .addSlaveAddress("redis://" + second.endpoints())
                    .setReadMode(ReadMode.SLAVE)
                    .setSubscriptionMode(SubscriptionMode.SLAVE);
            RedissonClient split = Redisson.create(config);
            lent.add(split);
            try (LockClient client = open(split);
                    LockClient plain = LockClient.open(config())) {
                excludeEachOther(client, plain);
            }
        }
    }
}
