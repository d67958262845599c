// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.v1.ConsulRawClient;
import io.holdfast.LockException;
import io.holdfast.spi.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.client.config.CookieSpecs;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.config.SocketConfig;
import org.apache.http.conn.ClientConnectionManager;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.params.HttpParams;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client of ours under consul-api: one pool of connections, no request sent twice, no redirect followed, a limit on every
 * request, and the token in a header that only the wire sees.
 *
 * <p>consul-api's own has one pool for the whole JVM, waits ten minutes for an answer, and puts tokens into URLs.
 */
final class OwnTransport implements Transport {
    private final List<String> servers;
    private final AtomicInteger at = new AtomicInteger();
    private final Supplier<Optional<Secret>> tokens;
    private final Duration connectTimeout;
    private final CloseableHttpClient http;

    /** Its connections are kept for what keeps the holds: nothing else waits for one, nor uses them up (rule KE-3). */
    private final CloseableHttpClient renewals;

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
        this.servers = servers;
        this.tokens = tokens;
        this.connectTimeout = settings.connectTimeout();
        this.http = client(sockets, settings.waitConnections() + 1 + FOR_REQUESTS, servers.size());
        this.renewals = client(sockets, FOR_RENEWALS, servers.size());
    }

    private static CloseableHttpClient client(InterruptibleSockets.Kinds sockets, int connections, int servers) {
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
        return HttpClients.custom()
                .setConnectionManager(pool)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
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
    public ConsulRawClient client(int number, Call call, Duration limit, boolean renewal) {
        String server = servers.get(Math.floorMod(number, servers.size()));
        int colon = server.lastIndexOf(':');
        return new ConsulRawClient(
                new OneCall(renewal ? renewals : http, call, limit),
                server.substring(0, colon),
                Integer.parseInt(server.substring(colon + 1)),
                ConsulRawClient.DEFAULT_PATH);
    }

    @Override
    public void failed(int number) {
        at.compareAndSet(number, number + 1); // many requests fail at once, and are one step together
    }

    @Override
    public void close() {
        try {
            http.close(); // and every connection of the pool, in use or not
            renewals.close();
        } catch (IOException e) {
            throw new IllegalStateException("an HTTP client without a cache does not fail to close", e);
        }
    }

    /** What consul-api sends by for one request of ours. */
    @SuppressWarnings("deprecation") // two methods of the interface that nobody calls any more
    private final class OneCall extends CloseableHttpClient {
        private final CloseableHttpClient by;
        private final Call call;
        private final Duration limit;

        OneCall(CloseableHttpClient by, Call call, Duration limit) {
            this.by = by;
            this.call = call;
            this.limit = limit;
        }

        @Override
        protected CloseableHttpResponse doExecute(HttpHost target, HttpRequest request, @Nullable HttpContext context)
                throws IOException {
            HttpRequestBase sent = (HttpRequestBase) request;
            token().ifPresent(one -> sent.setHeader("X-Consul-Token", one.reveal()));
            int millis = millis(limit);
            sent.setConfig(RequestConfig.custom()
                    .setConnectionRequestTimeout(millis)
                    .setConnectTimeout(Math.min(millis, millis(connectTimeout)))
                    .setSocketTimeout(millis)
                    .setCookieSpec(CookieSpecs.IGNORE_COOKIES)
                    .setRedirectsEnabled(false)
                    .build());
            call.sending(sent);
            CloseableHttpResponse response = by.execute(target, sent, context);
            HttpEntity whole = response.getEntity();
            if (whole != null) {
                response.setEntity(new LimitedAnswer(whole));
            }
            return response;
        }

        private static int millis(Duration duration) {
            return (int) Math.min(Integer.MAX_VALUE, Math.max(1, TimeUnit.NANOSECONDS.toMillis(duration.toNanos())));
        }

        @Override
        public void close() {}

        @Override
        public HttpParams getParams() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ClientConnectionManager getConnectionManager() {
            throw new UnsupportedOperationException();
        }
    }
}
