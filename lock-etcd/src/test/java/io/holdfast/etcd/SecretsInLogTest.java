// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever logs whatever at whatever level, the password and the login token are in none of it, in no way of writing them. */
class SecretsInLogTest {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z]{16}\\.[0-9]+");

    @Test
    @DisplayName("ER-1: no password and no login token in any log line, as text, in hexadecimal or base64")
    void nothingIsLoggedOfWhatIsSecret() throws Exception {
        Heard heard = new Heard();
        Logger root = Logger.getLogger("");
        Level before = root.getLevel();
        List<String> secrets = new ArrayList<>();
        root.addHandler(heard);
        root.setLevel(Level.ALL);
        try (StoreServer server =
                        StoreKind.ETCD_3_5.spec().withCredentials("holdfast/").start();
                TcpProxy proxy = TcpProxy.to(server.node(1).address())) {
            secrets.add(server.credentials().password());
            try (Recording recording = proxy.record();
                    LockClient client = LockClient.open(LockConfig.of("etcd://" + proxy.endpoint())
                            .with("user", server.credentials().user())
                            .with("password", server.credentials().password())
                            .withLease(Duration.ofSeconds(3)));
                    LockClient other = LockClient.open(LockConfig.of("etcd://" + proxy.endpoint())
                            .with("user", server.credentials().user())
                            .with("password", server.credentials().password()))) {
                LockHandle hold = client.acquire("n");
                CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
                long renewals = client.metrics().renewals();
                await().until(() -> client.metrics().renewals() > renewals);
                proxy.resetAll();
                hold.release();
                waiting.get(20, TimeUnit.SECONDS).release();
                secrets.addAll(tokens(recording));
            }
        } finally {
            root.setLevel(before);
            root.removeHandler(heard);
        }
        assertThat(secrets).as("the password, and a token for each client").hasSizeGreaterThanOrEqualTo(3);
        assertThat(heard.lines).as("the logs are heard").anyMatch(line -> line.contains("io.grpc"));
        for (String secret : secrets) {
            for (String written : waysToWrite(secret)) {
                assertThat(heard.lines).noneMatch(line -> line.contains(written));
            }
        }
    }

    private static List<String> tokens(Recording recording) {
        List<String> all = new ArrayList<>();
        for (Recording.Exchange exchange : recording.exchanges()) {
            Matcher found = TOKEN.matcher(new String(exchange.replies(), ISO_8859_1));
            while (found.find()) {
                all.add(found.group());
            }
        }
        return all;
    }

    /** In base64 at each of the three places where it may begin, without the letters that depend on what stands beside it. */
    private static List<String> waysToWrite(String secret) {
        List<String> all = new ArrayList<>(List.of(secret));
        String hex = HexFormat.of().formatHex(secret.getBytes(UTF_8));
        all.add(hex);
        all.add(hex.toUpperCase(Locale.ROOT));
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = ("x".repeat(shift) + secret).getBytes(UTF_8);
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            all.add(base64.substring(shift == 0 ? 0 : shift + 1, base64.length() - 2));
        }
        return all;
    }

    private static final class Heard extends Handler {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();
        private final SimpleFormatter formatter = new SimpleFormatter();

        Heard() {
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord said) {
            lines.add(formatter.format(said));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
