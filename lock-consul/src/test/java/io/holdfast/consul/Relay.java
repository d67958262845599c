// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a client and Consul, hands on what it is asked, and answers blocking queries as it pleases. */
class Relay implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Administrator consul;
    private final Mood mood;
    final AtomicInteger queries = new AtomicInteger();

    /** How blocking queries are answered. */
    enum Mood {
        /** As during an election: an error, at once. */
        FAILS,
        /** With the state as it is, at once, and an index as after a restore: it goes back. */
        STARTS_ANEW,
        /** As after a restore from before there was any key, at once. */
        FORGETS,
        /** With the state as it is, at once, and an index that goes up: woken for nothing. */
        WAKES_FOR_NOTHING
    }

    Relay(Administrator consul, Mood mood) throws IOException {
        this.consul = consul;
        this.mood = mood;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String endpoint() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI asked = exchange.getRequestURI();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String query = asked.getRawQuery() == null ? "" : asked.getRawQuery();
            boolean waits = query.contains("wait=");
            int count = waits ? queries.incrementAndGet() : 0;
            if (waits && mood == Mood.FAILS) {
                send(exchange, 500, "rpc error making call: leadership lost");
                return;
            }
            if (waits && mood == Mood.FORGETS) {
                exchange.getResponseHeaders().add("X-Consul-Index", "1");
                send(exchange, 404, "");
                return;
            }
            String now = query.replaceAll("&?(wait|index)=[^&]*", "");
            Administrator.Answer answer =
                    pass(exchange.getRequestMethod(), asked.getRawPath() + (now.isEmpty() ? "" : "?" + now), body);
            if (!answer.index().isEmpty()) {
                String ours = mood == Mood.STARTS_ANEW ? "1" : Long.toString(1_000_000L + count);
                exchange.getResponseHeaders().add("X-Consul-Index", waits ? ours : answer.index());
            }
            send(exchange, answer.status(), answer.body());
        }
    }

    /** Has Consul answer. */
    Administrator.Answer pass(String method, String path, String body) {
        return consul.ask(method, path, body);
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
