// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule ER-1: the ACL token is in one header of each request, and in nothing that anybody writes down. */
class TokenTest {
    private static final String WRONG = "0badc0de-1111-4222-8333-444455556666";

    private final ConcurrentLinkedQueue<String> logged = new ConcurrentLinkedQueue<>();
    private final Handler everything = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getLoggerName() + " " + entry.getMessage() + " " + Arrays.toString(parameters(entry)) + " "
                    + (entry.getThrown() == null ? "" : stack(entry.getThrown())));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final Logger root = Logger.getLogger("");
    private final Level levelBefore = root.getLevel();
    private StoreServer server;
    private TcpProxy proxy;
    private String token;

    @BeforeEach
    void start() {
        server = ConsulFixture.usual()
                .line(ConsulFixture.SHORT_SESSIONS)
                .withCredentials()
                .start();
        proxy = TcpProxy.to(server.node(1).address());
        token = server.credentials().password();
        everything.setLevel(Level.ALL);
        root.addHandler(everything);
        root.setLevel(Level.ALL);
    }

    @AfterEach
    void end() {
        root.setLevel(levelBefore);
        root.removeHandler(everything);
        proxy.close();
        server.close();
    }

    private LockConfig config(String password) {
        return LockConfig.of("consul://:" + password + "@" + proxy.endpoint())
                .with("session-ttl-min", "1s")
                .with("operation-timeout", "500ms")
                .withLease(Duration.ofSeconds(3));
    }

    @Test
    void aTokenIsInAHeaderAndNowhereElse() throws Exception {
        Recording recording = proxy.record();
        try (LockClient client = LockClient.open(config(token));
                LockClient other = LockClient.open(config(token))) {
            LockHandle hold = client.acquire("n");
            CompletableFuture<LockHandle> next = other.acquireAsync("n").toCompletableFuture();
            assertThat(other.list()).hasSize(1);
            hold.release();
            next.get(20, TimeUnit.SECONDS).release();
            proxy.replies().blackHole();
            assertThatThrownBy(() -> client.tryAcquire("m"))
                    .isInstanceOf(LockException.class)
                    .satisfies(e -> assertThat(stack(e)).doesNotContain(token));
            proxy.heal();
            proxy.resetAll();
            assertThat(client.toString() + client.lock("n") + config(token)).doesNotContain(token);
        }
        int headers = recording.count("X-Consul-Token: " + token + "\r\n");
        assertThat(headers).isEqualTo(Proxied.requests(recording).size()).isGreaterThan(10);
        assertThat(recording.count(token)).as("and nowhere else").isEqualTo(headers);
        assertThat(Proxied.requests(recording)).noneMatch(line -> line.contains("token"));
        Logger.getLogger("org.apache.http.wire").finest("the end");
        assertThat(logged)
                .as("at the finest level")
                .anyMatch(line -> line.contains("the end"))
                .noneMatch(line -> line.contains(token));
    }

    @Test
    void aWrongTokenIsDeniedAndNotShown() {
        assertThatThrownBy(() -> LockClient.open(config(WRONG)))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("docs/backends/consul.md")
                .satisfies(e -> assertThat(stack(e)).doesNotContain(WRONG));
        assertThatThrownBy(() -> LockClient.open(
                        LockConfig.of("consul://" + proxy.endpoint()).with("session-ttl-min", "1s")))
                .as("without a token")
                .isInstanceOf(LockDeniedException.class);
        assertThat(logged).noneMatch(line -> line.contains(WRONG));
    }

    /** Whoever exchanges a token writes the file, and takes the old one back: a client that runs goes on with the new one. */
    @Test
    void aTokenThatIsExchangedInItsFileKeepsTheHolds(@TempDir Path directory) throws Exception {
        Administrator administrator = new Administrator(
                server.node(1).endpoint(), server.credentials().adminPassword(), null);
        String old = "5eed0001-2222-4333-8444-555566667777";
        String fresh = "5eed0002-2222-4333-8444-555566667777";
        Policies.grant(administrator, old, Policies.LEAST);
        Policies.grant(administrator, fresh, Policies.LEAST);
        Path file = Files.writeString(directory.resolve("token"), old + "\n");
        try (LockClient client = LockClient.open(LockConfig.of("consul://" + proxy.endpoint())
                .with("password-file", file.toString())
                .with("session-ttl-min", "1s")
                .withLease(Duration.ofSeconds(3)))) {
            LockHandle hold = client.acquire("n");
            Files.writeString(file, fresh + "\n");
            String accessor = JsonParser.parseString(
                            new Administrator(server.node(1).endpoint(), old, null)
                                    .ask("GET", "/v1/acl/token/self", "")
                                    .body())
                    .getAsJsonObject()
                    .get("AccessorID")
                    .getAsString();
            assertThat(administrator
                            .ask("DELETE", "/v1/acl/token/" + accessor, "")
                            .status())
                    .isEqualTo(200);
            long renewed = client.metrics().renewals();
            await().atMost(Duration.ofSeconds(20)).until(() -> client.metrics().renewals() > renewed + 3);
            assertThat(hold.isValid()).isTrue();
            hold.release();
        }
    }

    /** The token may write sessions and keys under holdfast, and no others. */
    @Test
    void anotherPrefixIsDenied() {
        assertThatThrownBy(() -> {
                    try (LockClient client = LockClient.open(config(token).with("prefix", "elsewhere"))) {
                        client.tryAcquire("n");
                    }
                })
                .isInstanceOf(LockDeniedException.class)
                .satisfies(e -> assertThat(stack(e)).doesNotContain(token));
    }

    private static Object[] parameters(LogRecord entry) {
        return entry.getParameters() == null ? new Object[0] : entry.getParameters();
    }

    private static String stack(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        return out.toString();
    }
}
