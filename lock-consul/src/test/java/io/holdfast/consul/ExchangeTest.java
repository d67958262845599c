// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.consul.Transport.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpHost;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.message.BasicHttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over a server that answers what it is told to, as soon as it is told. */
class ExchangeTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nX-Consul-Index: 7\r\nContent-Length: 4\r\n\r\ntrue";

    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger releases = new AtomicInteger();
    private final PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager() {
        @Override
        public void releaseConnection(HttpClientConnection connection, Object state, long kept, TimeUnit unit) {
            releases.incrementAndGet();
            super.releaseConnection(connection, state, kept, unit);
        }
    };
    private ServerSocket server;

    @BeforeEach
    void begin() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        pool.setDefaultMaxPerRoute(1);
        daemon(this::accept);
    }

    @AfterEach
    void end() throws IOException {
        pool.shutdown();
        server.close();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "exchange-test");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket one = server.accept();
                connections.incrementAndGet();
                daemon(() -> serve(one));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket one) {
        try (one) {
            BufferedReader in = new BufferedReader(new InputStreamReader(one.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    requests.incrementAndGet();
                    one.getOutputStream().write(answers.take().getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client has closed it.
        }
    }

    private Reply ask(Call call) throws IOException {
        HttpHost host = new HttpHost(server.getInetAddress().getHostAddress(), server.getLocalPort(), "http");
        Exchange.Limits limits = Exchange.Limits.of(Duration.ofSeconds(20), Duration.ofSeconds(20));
        return Exchange.of(pool, new HttpRoute(host), new BasicHttpRequest("GET", "/"), call, limits);
    }

    private CompletableFuture<Reply> askAside(Call call) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        daemon(() -> {
            try {
                answer.complete(ask(call));
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Test
    void anAnswerOfAnyFormIsReadAndItsConnectionUsedAgain() throws IOException {
        answers.add(OK);
        assertThat(ask(new Call())).isEqualTo(new Reply(200, "true", 7));
        answers.add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n800\r\n" + "\u00e9".repeat(0x400) + "\r\n0\r\n\r\n");
        assertThat(ask(new Call())).isEqualTo(new Reply(500, "abc" + "\u00e9".repeat(0x400), 0));
        answers.add("HTTP/1.1 204 No\r\nX-Consul-Index: none\r\n\r\n");
        assertThat(ask(new Call())).isEqualTo(new Reply(204, "", 0));
        answers.add("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        assertThat(ask(new Call())).isEqualTo(new Reply(404, "", 0));
        assertThat(connections).hasValue(1);
    }

    @Test
    void aConnectionThatWillBeClosedIsNotUsedAgain() throws IOException {
        answers.add(OK.replace("X-Consul-Index: 7", "Connection: close"));
        answers.add(OK);
        assertThat(ask(new Call()).status()).isEqualTo(200);
        assertThat(ask(new Call()).status()).isEqualTo(200);
        assertThat(connections).hasValue(2);
    }

    @Test
    void whatIsNoHttpFailsAndLeavesNoConnectionInUse() {
        answers.add("HTTP/1.1 OK\r\n\r\n");
        assertThatThrownBy(() -> ask(new Call())).isInstanceOf(IOException.class);
        answers.add("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n" + "x".repeat(9 << 20));
        assertThatThrownBy(() -> ask(new Call())).hasMessageContaining("more than 8388608 bytes");
        assertThat(pool.getTotalStats().getLeased()).isZero();
        assertThat(pool.getTotalStats().getAvailable()).isZero();
    }

    @Test
    void whoIsBrokenOffIsLetGoAtOnce() {
        Call call = new Call();
        CompletableFuture<Reply> asked = askAside(call);
        await().until(() -> requests.get() == 1);
        Call behind = new Call();
        CompletableFuture<Reply> waiting = askAside(behind);
        await().until(() -> pool.getTotalStats().getPending() == 1);
        behind.breakOff("not wanted");
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        call.breakOff("not wanted");
        assertThatThrownBy(() -> asked.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> ask(call)).as("broken off before").isInstanceOf(IOException.class);
        assertThat(pool.getTotalStats().getLeased()).isZero();
    }

    /** The connection has gone to another request, which knows nothing of the one that was broken off too late. */
    @Test
    void whoIsBrokenOffTooLateTakesNoOtherRequestAlong()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        answers.add(OK);
        Call first = new Call();
        ask(first);
        CompletableFuture<Reply> next = askAside(new Call());
        await().until(() -> requests.get() == 2);
        first.breakOff("too late");
        assertThat(releases).as("it touches the connection no more").hasValue(1);
        answers.add(OK);
        assertThat(next.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(connections).hasValue(1);
    }
}
