// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SP-8: who may only subscribe and publish gives no lock, takes none, frees none and has none refused. */
class PublisherTest {
    private static final String KEY = "holdfast:{n}";

    private StoreServer server;
    private Resp redis;
    private Resp ear;
    private Resp mouth;
    private LockClient first;
    private LockClient second;
    private UncaughtExceptionHandler usual;
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().start();
        redis = Resp.open(server.node(1).address());
        redis.line(
                "ACL SETUSER mallory on >x resetkeys resetchannels -@all &holdfast:* +psubscribe +subscribe +publish");
        ear = mallory();
        ear.line("PSUBSCRIBE holdfast:*");
        mouth = mallory();
        first = open();
        second = open();
        usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
    }

    @AfterEach
    void end() {
        Thread.setDefaultUncaughtExceptionHandler(usual);
        first.close();
        second.close();
        ear.close();
        mouth.close();
        redis.close();
        server.close();
        assertThat(uncaught).as("Redisson's threads live on").isEmpty();
    }

    private Resp mallory() {
        Resp connection = Resp.open(server.node(1).address());
        connection.line("AUTH mallory x");
        return connection;
    }

    /** Its own renewals and looks come far apart, so that what happens is what messages bring about. */
    private LockClient open() {
        return LockClient.open(LockConfig.of("redis://" + server.endpoints())
                .withLease(Duration.ofMinutes(10))
                .with("poll-interval", "5m"));
    }

    private CompletableFuture<LockHandle> inLine(LockClient client, String name) {
        CompletableFuture<LockHandle> waiting = client.acquireAsync(name).toCompletableFuture();
        await().until(() -> redis.number("ZCARD", "holdfast:{" + name + "}:line") >= 1);
        return waiting;
    }

    /** What the next message to anybody says: its channel and its words. */
    private String[] overheard() {
        while (true) {
            List<String> heard = ear.nextList();
            if (heard.get(0).equals("pmessage")) {
                return new String[] {heard.get(2), heard.get(3)};
            }
        }
    }

    private long say(String channel, Object message) {
        return mouth.number("PUBLISH", channel, message);
    }

    /** A genuine hand-over to a client: messages that were published to it before have been taken in after it. */
    private void barrier(LockClient to, LockClient from) throws Exception {
        LockHandle hold = from.acquire("barrier", Duration.ofSeconds(20));
        CompletableFuture<LockHandle> waiting = inLine(to, "barrier");
        hold.release();
        waiting.get(20, TimeUnit.SECONDS).release();
        overheard();
    }

    /** The channel of a client, and what its contenders' ids begin with, as one hand-over shows them to everybody. */
    private String[] spyOn(LockClient client, LockClient other) throws Exception {
        LockHandle hold = other.acquire("spy");
        CompletableFuture<LockHandle> waiting = inLine(client, "spy");
        hold.release();
        waiting.get(20, TimeUnit.SECONDS).release();
        String[] heard = overheard();
        return new String[] {heard[0], heard[1].split(" ", -1)[1].replaceFirst("\\..*", "")};
    }

    private List<String> forgeries(String word, String session, String token) {
        List<String> all = new ArrayList<>();
        for (int id = 0; id < 32; id++) {
            String words = word + " " + session + "." + id + " " + token + " " + KEY;
            all.add(words);
            all.add(words + " " + "0".repeat(40));
            all.add(words + " " + Script.sha1(words + " "));
            all.add(words + " " + Script.sha1(words));
        }
        return all;
    }

    private long storeToken() {
        return Long.parseLong(redis.text("HGET", KEY, "t"));
    }

    @Test
    @DisplayName("SP-8: a grant that somebody made up gives nothing, whatever its token")
    void forgedGrants() throws Exception {
        String[] spied = spyOn(second, first);
        LockHandle hold = first.acquire("n");
        CompletableFuture<LockHandle> waiting = inLine(second, "n");
        for (String token : List.of("1", "9007199254740991", "9223372036854775807", "-1", "0", "x", "")) {
            forgeries("granted", spied[1], token).forEach(words -> say(spied[0], words));
        }
        barrier(second, first);
        assertThat(waiting).isNotDone();
        assertThat(hold.isValid()).isTrue();
        hold.release();
        LockHandle next = waiting.get(20, TimeUnit.SECONDS);
        assertThat(next.fencingToken() / 256).isEqualTo(storeToken());
        next.release();
        second.acquire("n", Duration.ofSeconds(20)).release(); // no token was seen that refuses this one
    }

    @Test
    @DisplayName("SP-8: a loss that somebody made up takes nothing")
    void forgedLosses() throws Exception {
        String[] spied = spyOn(second, first);
        LockHandle hold = second.acquire("n");
        forgeries("forced", spied[1], Long.toString(storeToken())).forEach(words -> say(spied[0], words));
        barrier(second, first);
        assertThat(hold.isValid()).isTrue();
        assertThat(first.forceUnlock("n", hold.fencingToken())).isEqualTo(ForceOutcome.RELEASED);
        await().atMost(Duration.ofSeconds(20)).until(() -> !hold.isValid());
    }

    @Test
    @DisplayName("SP-8: a genuine message, sent again to others and later, frees nothing")
    void replays() throws Exception {
        String[] spied = spyOn(first, second);
        LockHandle hold = first.acquire("n");
        CompletableFuture<LockHandle> waiting = inLine(second, "n");
        hold.release();
        LockHandle next = waiting.get(20, TimeUnit.SECONDS);
        String[] genuine = overheard();
        say(spied[0], genuine[1]); // to the other client
        say(genuine[0], genuine[1]); // to its own, again
        barrier(first, second);
        barrier(second, first);
        assertThat(next.isValid()).isTrue();
        assertThat(first.tryAcquire("n")).isEmpty();
        next.release();
        LockHandle after = first.acquire("n", Duration.ofSeconds(20));
        say(genuine[0], genuine[1]); // that hold is over
        say(spied[0], genuine[1]);
        barrier(second, first);
        barrier(first, second);
        assertThat(after.isValid()).isTrue();
        assertThat(second.tryAcquire("n")).isEmpty();
        after.release();
    }

    @Test
    @DisplayName("SP-8: any number of messages become no requests, and hand-overs go on")
    void floods() throws Exception {
        String[] spied = spyOn(second, first);
        LockHandle hold = first.acquire("n");
        CompletableFuture<LockHandle> waiting = inLine(second, "n");
        LockHandle before = first.acquire("old");
        CompletableFuture<LockHandle> old = inLine(second, "old");
        before.release();
        old.get(20, TimeUnit.SECONDS).release();
        String genuine = overheard()[1];
        String huge = "granted " + spied[1] + ".1 1 " + "x".repeat(1 << 20);
        redis.line("CONFIG RESETSTAT");
        for (int i = 0; i < 5_000; i++) {
            String words = "granted " + spied[1] + "." + i % 50 + " " + i + " " + KEY;
            mouth.send("PUBLISH", spied[0], words + " " + Script.sha1(words));
            if (i % 5 == 0) {
                mouth.send("PUBLISH", spied[0], genuine);
            }
            if (i % 500 == 0) {
                mouth.send("PUBLISH", spied[0], huge);
            }
        }
        mouth.receive(5_000 + 1_000 + 10);
        long sent = redis.calls("publish");
        barrier(second, first);
        assertThat(sent).isEqualTo(6_010);
        assertThat(redis.calls("evalsha"))
                .as("an old grant is given back once; a barrier has four requests of its own")
                .isBetween(4L, 5L);
        assertThat(hold.isValid()).isTrue();
        hold.release();
        assertThat(waiting.get(20, TimeUnit.SECONDS).isValid()).isTrue();
    }

    /** In between, the grant may have been taken away again: a copy of its message would then be believed. */
    @Test
    @DisplayName("SP-8: after the subscription was interrupted the store is asked")
    void interruptedSubscription() throws Exception {
        LockHandle hold = first.acquire("n");
        CompletableFuture<LockHandle> waiting = inLine(second, "n");
        String channel = redis.text(
                        "HGET",
                        KEY,
                        redis.list("ZRANGE", KEY + ":line", "0", "0").get(0))
                .split(" ", -1)[3];
        redis.line("CLIENT KILL TYPE pubsub");
        redis.line("CONFIG RESETSTAT");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> redis.ask("PUBSUB", "NUMSUB", channel).equals(List.of(channel, 1L)));
        // Each contender in line is looked at once the subscription is there again.
        await().atMost(Duration.ofSeconds(20)).until(() -> redis.calls("evalsha") >= 1);
        long before = redis.calls("evalsha");
        hold.release();
        LockHandle next = waiting.get(20, TimeUnit.SECONDS);
        assertThat(redis.calls("evalsha") - before)
                .as("the release, and a look")
                .isEqualTo(2);
        next.release();
        // What contends from now on hears everything again.
        LockHandle third = first.acquire("n");
        CompletableFuture<LockHandle> fourth = inLine(second, "n");
        long quiet = redis.calls("evalsha");
        third.release();
        fourth.get(20, TimeUnit.SECONDS);
        assertThat(redis.calls("evalsha") - quiet).as("the release").isEqualTo(1);
    }
}
