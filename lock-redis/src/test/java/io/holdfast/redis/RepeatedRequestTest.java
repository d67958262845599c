// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule UO-4: something between client and server sends requests again, when they were answered long ago. The lease is too long to help. */
class RepeatedRequestTest {
    private final String prefix = "repeated-" + UUID.randomUUID();
    private final LockKeys keys = LockKeys.of(prefix, "n");
    private final List<LockClient> clients = new ArrayList<>();
    private Resp redis;
    private TcpProxy proxy;
    private Recording recording;
    private LockClient repeated;
    private LockClient other;

    @BeforeEach
    void open() {
        var address = Servers.shared(StoreKind.REDIS_7).node(1).address();
        redis = Resp.open(address);
        proxy = TcpProxy.to(address);
        recording = proxy.record();
        repeated = client(proxy.endpoint());
        other = direct();
    }

    private LockClient direct() {
        var address = Servers.shared(StoreKind.REDIS_7).node(1).address();
        return client("127.0.0.1:" + address.getPort());
    }

    private LockClient client(String endpoint) {
        // A busy machine must not make the client send again by itself.
        LockClient client = LockClient.open(LockConfig.of("redis://" + endpoint)
                .with("prefix", prefix)
                .with("connect-timeout", "1m")
                .with("operation-timeout", "1m")
                .withLease(Duration.ofMinutes(10)));
        clients.add(client);
        return client;
    }

    @AfterEach
    void end() {
        clients.forEach(LockClient::close);
        proxy.close();
        redis.list("KEYS", prefix + "*").forEach(key -> redis.ask("DEL", key));
        redis.close();
    }

    /** Sends every contend of the client's again, each as it was on the wire. @return the answers */
    private List<String> sendAgain() {
        List<String> answers = new ArrayList<>();
        for (Recording.Exchange exchange : recording.exchanges()) {
            for (Object[] request : requests(exchange.requests())) {
                if (request.length > 2
                        && (request[1].equals(Script.CONTEND.sha()) || request[1].equals(Script.CONTEND.text()))) {
                    request[0] = "EVAL";
                    request[1] = Script.CONTEND.text();
                    answers.add(redis.text(request));
                }
            }
        }
        assertThat(answers).as("contends that went over the wire").isNotEmpty();
        return answers;
    }

    private static List<Object[]> requests(byte[] sent) {
        List<Object[]> found = new ArrayList<>();
        int[] at = {0};
        while (at[0] < sent.length) {
            Object[] words = new Object[number(sent, at)];
            for (int i = 0; i < words.length; i++) {
                int length = number(sent, at);
                words[i] = new String(sent, at[0], length, StandardCharsets.UTF_8);
                at[0] += length + 2;
            }
            found.add(words);
        }
        return found;
    }

    /** The number of a line such as {@code *3} or {@code $12}. */
    private static int number(byte[] sent, int[] at) {
        int begin = at[0] + 1;
        int end = begin;
        while (sent[end] != '\r') {
            end++;
        }
        at[0] = end + 2;
        return Integer.parseInt(new String(sent, begin, end - begin, StandardCharsets.US_ASCII));
    }

    private String shown() {
        return (String) redis.script(Script.INSPECT, keys, "", "0");
    }

    private void isFree(String after) {
        assertThat(shown()).as(after).isEqualTo("free 0");
        other.tryAcquire("n")
                .orElseThrow(() -> new AssertionError("taken " + after))
                .release();
    }

    @Test
    void aCopyAfterTheReleaseTakesNothing() throws Exception {
        repeated.acquire("n").release();
        assertThat(sendAgain()).allMatch(answer -> answer.startsWith("undone"));
        isFree("after a release and a copy");

        other.acquire("n").release();
        repeated.acquire("n").release();
        other.acquire("n").release();
        assertThat(sendAgain()).hasSize(2).allMatch(answer -> answer.startsWith("undone"));
        isFree("after holds of both and copies");
    }

    @Test
    void aCopyWhileItHoldsIsAnsweredWithTheSameGrant() throws Exception {
        LockHandle hold = repeated.acquire("n");
        assertThat(sendAgain()).containsExactly("granted " + hold.fencingToken() / 256 + " 0");
        hold.release();
        isFree("after the release of a hold that was asked for twice");
    }

    @Test
    void aCopyOfOneThatWaitedTakesNothing() throws Exception {
        LockHandle hold = other.acquire("n");
        CompletableFuture<LockHandle> waiting = repeated.acquireAsync("n").toCompletableFuture();
        await().until(() -> redis.number("ZCARD", keys.state() + ":line") == 1);
        assertThat(sendAgain()).allMatch(answer -> answer.startsWith("waiting 0"));
        hold.release();
        waiting.get(20, TimeUnit.SECONDS).release();
        sendAgain();
        isFree("after the release of one that had waited");

        // Given up in line.
        hold = other.acquire("n");
        assertThat(repeated.tryAcquire("n", Duration.ofMillis(100))).isEmpty();
        await().until(() -> redis.number("ZCARD", keys.state() + ":line") == 0);
        sendAgain();
        assertThat(redis.number("ZCARD", keys.state() + ":line"))
                .as("nobody stands behind the copy of one that gave up")
                .isZero();
        hold.release();
        sendAgain();
        isFree("after one gave up in line");
    }

    @Test
    void aCopyAfterAForcedReleaseTakesNothing() throws Exception {
        repeated.acquire("n");
        other.lock("n").forceUnlock();
        assertThat(sendAgain()).allMatch(answer -> answer.startsWith("undone"));
        isFree("after a forced release");
    }

    /** What a name remembers is bounded. A copy of what is forgotten is granted, which its client is told: it gives the grant back. */
    @Test
    void aCopyOfWhatIsForgottenIsGivenBack() throws Exception {
        repeated.acquire("n").release();
        for (int i = 0; i < 20; i++) {
            try (LockClient one = direct()) {
                one.acquire("n").release();
            }
        }
        assertThat(sendAgain()).allMatch(answer -> answer.startsWith("granted"));
        await().atMost(Duration.ofSeconds(10)).until(() -> shown().equals("free 0"));
        LockHandle hold = repeated.acquire("n");
        assertThat(hold.isValid()).isTrue();
        hold.release();
        assertThat(redis.text("HGET", keys.state(), "l").split(" "))
                .as("of so many sessions")
                .hasSize(16);
    }

    /** A session that was forgotten and is told of its own grant goes on with it. */
    @Test
    void whoTakesTurnsWithManyOthersKeepsItsGrants() throws Exception {
        for (int i = 0; i < 20; i++) {
            direct();
        }
        for (int round = 0; round < 5; round++) {
            for (LockClient client : clients) {
                try (LockHandle hold = client.acquire("n")) {
                    assertThat(hold.isValid()).isTrue();
                    assertThat(shown()).startsWith("held " + hold.fencingToken() / 256 + " ");
                }
            }
        }
        isFree("after all turns");
    }
}
