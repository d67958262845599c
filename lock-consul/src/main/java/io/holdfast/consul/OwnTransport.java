// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.transport.TransportException;
import io.holdfast.LockException;
import io.holdfast.spi.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpVersion;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.config.SocketConfig;
import org.apache.http.conn.HttpClientConnectionManager;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.message.BasicHttpEntityEnclosingRequest;
import org.apache.http.message.BasicHttpRequest;
import org.apache.http.protocol.HTTP;

/**
 * Connections of ours: one pool of them, no request sent twice, no redirect followed, a limit on every request, and the token in a header
 * that only the wire sees.
 *
 * <p>consul-api's own way has one pool for the whole JVM, waits ten minutes for an answer, and puts tokens into URLs.
 */
final class OwnTransport implements Transport {
    private final List<HttpRoute> servers;
    private final AtomicInteger at = new AtomicInteger();
    private final Supplier<Optional<Secret>> tokens;
    private final Duration connectTimeout;
    private final HttpClientConnectionManager http;

    /** Its connections are kept for what keeps the holds: nothing else waits for one, nor uses them up (rule KE-3). */
    private final HttpClientConnectionManager renewals;

    private volatile Optional<Secret> token = Optional.empty();

    /**
     * Opens no connection yet.
     *
     * @param servers such as {@code http://localhost:8500}, in the order of preference
     * @param tokens asked before each request, for one that was exchanged; empty for none
     * @param sockets by which connections are made
     */
    OwnTransport(
            List<String> servers,
            Supplier<Optional<Secret>> tokens,
            InterruptibleSockets.Kinds sockets,
            ConsulSettings settings) {
        this.servers = servers.stream().map(OwnTransport::route).toList();
        this.tokens = tokens;
        this.connectTimeout = settings.connectTimeout();
        this.http = pool(sockets, settings.waitConnections() + 1 + FOR_REQUESTS, servers.size());
        this.renewals = pool(sockets, FOR_RENEWALS, servers.size());
    }

    private static HttpRoute route(String server) {
        int colon = server.lastIndexOf(':');
        int name = server.indexOf("://");
        String scheme = server.substring(0, name);
        HttpHost host = new HttpHost(
                server.substring(name + "://".length(), colon), Integer.parseInt(server.substring(colon + 1)), scheme);
        return new HttpRoute(host, null, scheme.equals("https"));
    }

    private static HttpClientConnectionManager pool(InterruptibleSockets.Kinds sockets, int connections, int servers) {
        PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager(
                RegistryBuilder.<ConnectionSocketFactory>create()
                        .register("http", sockets.plain())
                        .register("https", sockets.tls())
                        .build(),
                new QuietConnections());
        pool.setMaxTotal(connections * servers);
        pool.setDefaultMaxPerRoute(connections);
        pool.setDefaultSocketConfig(
                SocketConfig.custom().setTcpNoDelay(true).setSoKeepAlive(true).build());
        return pool;
    }

    /** As it is now: whoever exchanges it writes a new file, and a moment without one leaves the old. */
    private Optional<Secret> token() {
        try {
            token = tokens.get();
        } catch (LockException e) {
            // Being written, perhaps; Consul says whether the old one still does.
        }
        return token;
    }

    @Override
    public int server() {
        return at.get();
    }

    @Override
    public Reply send(int number, Request request, Call call, Duration limit, boolean renewal) {
        HttpRoute server = servers.get(Math.floorMod(number, servers.size()));
        Exchange.Limits limits = Exchange.Limits.of(connectTimeout, limit);
        try {
            return Exchange.of(renewal ? renewals : http, server, http(request, server), call, limits);
        } catch (IOException e) {
            throw new TransportException(e); // as consul-api does
        }
    }

    private HttpRequest http(Request request, HttpRoute server) {
        String body = request.body();
        HttpRequest made = body == null ? question(request.endpoint()) : change(request.endpoint(), body);
        made.addHeader(HTTP.TARGET_HOST, server.getTargetHost().toHostString());
        token().ifPresent(one -> made.addHeader("X-Consul-Token", one.reveal()));
        return made;
    }

    private static HttpRequest question(String endpoint) {
        return new BasicHttpRequest("GET", endpoint, HttpVersion.HTTP_1_1);
    }

    private static HttpRequest change(String endpoint, String body) {
        BasicHttpEntityEnclosingRequest put =
                new BasicHttpEntityEnclosingRequest("PUT", endpoint, HttpVersion.HTTP_1_1);
        ByteArrayEntity entity = new ByteArrayEntity(body.getBytes(StandardCharsets.UTF_8));
        put.setEntity(entity);
        put.addHeader(HTTP.CONTENT_LEN, Long.toString(entity.getContentLength()));
        return put;
    }

    @Override
    public void failed(int number) {
        at.compareAndSet(number, number + 1); // many requests fail at once, and are one step together
    }

    @Override
    public void close() {
        http.shutdown(); // and every connection of the pool, in use or not
        renewals.shutdown();
    }
}
