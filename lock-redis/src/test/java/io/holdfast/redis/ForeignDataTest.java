// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.Codec;
import org.redisson.codec.Kryo5Codec;
import org.redisson.codec.SerializationCodec;
import org.redisson.config.Config;

/** What others put into our keys and channels is text that is not ours, and nothing more: it loads no class. */
class ForeignDataTest {
    private static final Duration LEASE = Duration.ofSeconds(2);

    private final String prefix = "foreign-" + UUID.randomUUID();
    private Resp redis;

    /** Tells when an object of it is made out of bytes. */
    static final class Trap implements Serializable {
        static final AtomicInteger SPRUNG = new AtomicInteger();
        private static final long serialVersionUID = 1;

        /** Kryo calls it. */
        Trap() {
            SPRUNG.incrementAndGet();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            SPRUNG.incrementAndGet();
        }
    }

    @BeforeEach
    void connect() {
        redis = Resp.open(Servers.shared(StoreKind.REDIS_7).node(1).address());
    }

    @AfterEach
    void leaveNothing() {
        redis.list("KEYS", prefix + "*").forEach(key -> redis.ask("DEL", key));
        redis.close();
    }

    private String url() {
        return "redis://" + Servers.shared(StoreKind.REDIS_7).endpoints();
    }

    private static Map<String, Codec> codecs() {
        Map<String, Codec> codecs = new LinkedHashMap<>();
        codecs.put("kryo", new Kryo5Codec());
        codecs.put("java", new SerializationCodec());
        return codecs;
    }

    private static byte[] payload(Codec codec) throws IOException {
        ByteBuf encoded = codec.getValueEncoder().encode(new Trap());
        try {
            byte[] bytes = new byte[encoded.readableBytes()];
            encoded.readBytes(bytes);
            return bytes;
        } finally {
            encoded.release();
        }
    }

    /** A Redisson client that loads classes by what the data says, lent to us with all of that on. */
    private RedissonClient careless(Codec codec) {
        Config config = new Config();
        config.setCodec(codec);
        config.useSingleServer().setAddress(url()).setConnectionMinimumIdleSize(1);
        return Redisson.create(config);
    }

    @Test
    void aHostilePayloadLoadsNoClass() throws Exception {
        for (Map.Entry<String, Codec> codec : codecs().entrySet()) {
            byte[] hostile = payload(codec.getValue());
            RedissonClient redisson = careless(codec.getValue());
            try {
                // The trap works: whoever reads it with the client's own codec springs it.
                redis.ask("SET", prefix + "-control", hostile);
                int before = Trap.SPRUNG.get();
                assertThat(redisson.<Object>getBucket(prefix + "-control").get())
                        .isInstanceOf(Trap.class);
                assertThat(Trap.SPRUNG.get()).isGreaterThan(before);

                int sprung = Trap.SPRUNG.get();
                useLocksAmong(hostile, RedisBackend.using(redisson, RedisSettings.DEFAULTS.withPrefix(prefix)));
                assertThat(Trap.SPRUNG.get()).as(codec.getKey()).isEqualTo(sprung);
            } finally {
                redisson.shutdown();
            }
        }
    }

    private void useLocksAmong(byte[] hostile, RedisBackend backend) throws Exception {
        LockConfig config = LockConfig.of(url()).withLease(LEASE);
        try (LockClient client = LockClient.open(backend, config);
                LockClient other = LockClient.open(backend, config)) {
            for (Object[] plant : plants(hostile)) {
                LockKeys keys = LockKeys.of(prefix, "n");
                redis.ask("DEL", keys.state(), keys.state() + ":line", keys.state() + ":undone");
                LockHandle hold = client.acquire("n", Duration.ofSeconds(30));
                CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
                await().until(() -> redis.number("EXISTS", keys.state() + ":line") == 1);
                redis.ask(plant);
                publish(hostile);
                List<Callable<Object>> uses = new ArrayList<>();
                uses.add(() -> client.lock("n").inspect());
                uses.add(client::list);
                uses.add(hold::release);
                uses.add(() -> client.tryAcquire("n"));
                uses.add(() -> client.lock("n").forceUnlock());
                for (Callable<Object> use : uses) {
                    onlyOurExceptions(use);
                }
                waiting.cancel(true);
                redis.ask("DEL", keys.state(), keys.state() + ":line", keys.state() + ":undone");
            }
        }
    }

    private List<Object[]> plants(byte[] hostile) {
        String state = LockKeys.of(prefix, "n").state();
        return List.of(
                new Object[] {"SET", state, hostile},
                new Object[] {"HSET", state, "t", hostile},
                new Object[] {"HSET", state, "h", hostile, hostile, hostile},
                new Object[] {"HSET", state, "h", "x", "x", "9999999999999999 1000 0 c \u0000"},
                new Object[] {"ZADD", state + ":line", "-1", hostile},
                new Object[] {"SET", state + ":line", hostile},
                new Object[] {"ZADD", state + ":undone", "1", hostile});
    }

    private void publish(byte[] hostile) {
        for (String channel : redis.list("PUBSUB", "CHANNELS", prefix + ":*")) {
            redis.ask("PUBLISH", channel, hostile);
            redis.ask("PUBLISH", channel, "granted");
            redis.ask("PUBLISH", channel, "granted x.y z " + prefix + ":{n}");
            redis.ask("PUBLISH", channel, "granted x.y 17 " + prefix + ":{n}");
        }
    }

    private static void onlyOurExceptions(Callable<Object> use) throws Exception {
        try {
            use.call();
        } catch (LockException expected) {
            assertThat(expected.getMessage()).containsAnyOf("'n'", "{n}", "list");
        }
    }

    /** A message that nobody of ours sent disturbs none that follow. */
    @Test
    void messagesAreHeardAfterForeignOnes() throws Exception {
        LockConfig config = LockConfig.of(url())
                .with("prefix", prefix)
                .withLease(Duration.ofMinutes(5))
                .with("poll-interval", "2m");
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
        try (LockClient client = LockClient.open(config);
                LockClient other = LockClient.open(config)) {
            LockHandle hold = client.acquire("n");
            CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
            await().until(() -> redis.number("EXISTS", LockKeys.of(prefix, "n").state() + ":line") == 1);
            publish(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(usual);
        }
        assertThat(uncaught).as("Redisson's threads live on").isEmpty();
    }

    @Test
    void aStrangersKeyInOurPlaceIsNamed() {
        redis.ask("SET", LockKeys.of(prefix, "n").state(), "somebody's own");
        try (LockClient client = LockClient.open(LockConfig.of(url()).with("prefix", prefix))) {
            assertThatThrownBy(() -> client.tryAcquire("n"))
                    .isInstanceOf(LockException.class)
                    .hasStackTraceContaining("something foreign");
        }
    }
}
