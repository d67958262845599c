// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisException;

/** What a server says reaches terminals and logs: nothing of it is obeyed there. */
class StoreWordsTest {
    @Test
    void whatIsNotForReadingIsWrittenOut() {
        assertThat(StoreWords.shown("a\u001b]0;x\u0007\u001b[2J\r\n\u2028\u202e\u200b\ud800é漢"))
                .isEqualTo("a\\u001b]0;x\\u0007\\u001b[2J\\u000d\\u000a\\u2028\\u202e\\u200b\\ud800é漢");
        assertThat(StoreWords.shown("x".repeat(1_000))).hasSize(201);
        assertThat(StoreWords.shown("\\u001b")).isEqualTo("\\u001b");
    }

    @Test
    @DisplayName("ER-1: a failure shows the server's words, and no control characters of theirs")
    void failures() {
        Failures failures = new Failures("redis://h");
        for (String said : new String[] {"ERR \u001b[31mred\nforged line", "NOPERM \u001b[31m", "MISCONF \u0007"}) {
            assertThat(failures.of(new RedisException(said), "contend").getMessage())
                    .doesNotContainPattern("\\p{Cntrl}");
        }
        assertThat(Reply.parse("x\u001b[2J").malformed().getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }

    /** It is anybody's server: here one that answers everything with an escape sequence. */
    @Test
    @DisplayName("ER-1: nor when a client is opened on it")
    void hostileServer() throws Exception {
        CompletableFuture<Void> serving;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            serving = CompletableFuture.runAsync(() -> answer(listener));
            String url = "redis://127.0.0.1:" + listener.getLocalPort() + "?connect-timeout=2s";
            assertThatThrownBy(() -> LockClient.open(url))
                    .isInstanceOf(LockException.class)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}"));
        }
        serving.join();
    }

    private static void answer(ServerSocket listener) {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.getOutputStream()
                        .write("-ERR \u001b]0;PWNED\u0007\u001b[2J\r\n"
                                .repeat(20)
                                .getBytes(StandardCharsets.UTF_8));
            }
        } catch (java.io.IOException closed) {
            // By the test.
        }
    }
}
