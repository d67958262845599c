// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of error codes in docs/backends/redis.md: what surely did nothing is not undone, what is unknown is. */
class ErrorCodeTest {
    private static final String UNKNOWN = "unknown";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OOM command not allowed when used memory > 'maxmemory'. script: x | nothing | unavailable",
                "READONLY You can't write against a read only replica. | nothing | unavailable",
                "MISCONF Redis is configured to save RDB snapshots | nothing | unavailable",
                "NOREPLICAS Not enough good replicas to write. | nothing | unavailable",
                "MASTERDOWN Link with MASTER is down | nothing | unavailable",
                "LOADING Redis is loading the dataset in memory | nothing | unavailable",
                "BUSY Redis is busy running a script. | nothing | unavailable",
                "TRYAGAIN Multiple keys request during rehashing | nothing | unavailable",
                "CLUSTERDOWN The cluster is down | nothing | unavailable",
                "ERR max number of clients reached | nothing | unavailable",
                "WRONGTYPE Operation against a key holding the wrong kind of value | nothing | unavailable",
                "NOAUTH Authentication required. | unknown | denied",
                "WRONGPASS invalid username-password pair | unknown | denied",
                "NOPERM this user has no permissions to run the 'evalsha' command | unknown | denied",
                "ERR The user executing the script can't run this command | unknown | denied",
                "ERR Error running script: Script killed by user with SCRIPT KILL. | unknown | unavailable",
                "ERR something that nobody has heard of | unknown | unavailable",
                "UNKILLABLE whatever | unknown | unavailable"
            })
    @DisplayName("UO-1: an error answer is what the table says of it")
    void codes(String said, String done, String told) throws Exception {
        try (AnsweringServer server = new AnsweringServer(said)) {
            Throwable thrown;
            try (LockClient client = LockClient.open(config(server))) {
                thrown = catchThrowable(() -> client.tryAcquire("n"));
                if (done.equals(UNKNOWN)) {
                    await().atMost(Duration.ofSeconds(20)).until(() -> server.asked(Script.WITHDRAW));
                }
            }
            assertThat(thrown)
                    .isInstanceOf(told.equals("denied") ? LockDeniedException.class : LockUnavailableException.class)
                    .isInstanceOf(LockException.class);
            assertThat(server.asked(Script.CONTEND)).isTrue();
            assertThat(server.asked(Script.WITHDRAW)).isEqualTo(done.equals(UNKNOWN));
        }
    }

    private static LockConfig config(AnsweringServer server) {
        return LockConfig.of("redis://127.0.0.1:" + server.port())
                .with("close-timeout", "1s")
                .withLease(Duration.ofMinutes(1));
    }

    /** Speaks as much of the protocol as a client needs, and answers every contend with one error. */
    private static final class AnsweringServer implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final List<String> scripts = new CopyOnWriteArrayList<>();
        private final String error;

        AnsweringServer(String error) throws IOException {
            this.error = error;
            threads.execute(() -> {
                try {
                    while (true) {
                        Socket socket = listener.accept();
                        sockets.add(socket);
                        threads.execute(() -> serve(socket));
                    }
                } catch (IOException closed) {
                    // By the test.
                }
            });
        }

        int port() {
            return listener.getLocalPort();
        }

        boolean asked(Script script) {
            return scripts.contains(script.sha());
        }

        private void serve(Socket socket) {
            try (socket) {
                InputStream in = new BufferedInputStream(socket.getInputStream());
                for (List<String> words = command(in); words != null; words = command(in)) {
                    socket.getOutputStream().write(answer(words).getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException ended) {
                // Its client went away.
            }
        }

        private String answer(List<String> words) {
            String name = words.get(0).toUpperCase(Locale.ROOT);
            if (name.equals("EVALSHA")) {
                scripts.add(words.get(1));
                if (words.get(1).equals(Script.RIGHTS.sha())) {
                    return "$3\r\nall\r\n";
                }
                return words.get(1).equals(Script.WITHDRAW.sha()) ? "$1\r\n1\r\n" : "-" + error + "\r\n";
            }
            if (name.equals("SUBSCRIBE") || name.equals("UNSUBSCRIBE")) {
                String channel = words.get(1);
                String word = name.toLowerCase(Locale.ROOT);
                return "*3\r\n$" + word.length() + "\r\n" + word + "\r\n$" + channel.length() + "\r\n" + channel
                        + "\r\n:1\r\n";
            }
            return name.equals("PING") ? "+PONG\r\n" : "+OK\r\n";
        }

        private static List<String> command(InputStream in) throws IOException {
            String count = line(in);
            if (count == null) {
                return null;
            }
            List<String> words = new ArrayList<>();
            for (int i = Integer.parseInt(count.substring(1)); i > 0; i--) {
                int length = Integer.parseInt(line(in).substring(1));
                words.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
                line(in);
            }
            return words;
        }

        private static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    return null;
                }
                line.append((char) c);
            }
            return line.substring(0, line.length() - 1);
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
            threads.shutdownNow();
        }
    }
}
