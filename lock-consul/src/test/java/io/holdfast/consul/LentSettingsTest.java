// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.ecwid.consul.v1.ConsulRawClient;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.client.ServiceUnavailableRetryStrategy;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.conn.ClientConnectionManager;
import org.apache.http.entity.BufferedHttpEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.DefaultHttpRequestRetryHandler;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.client.LaxRedirectStrategy;
import org.apache.http.impl.conn.BasicHttpClientConnectionManager;
import org.apache.http.message.BasicHeader;
import org.apache.http.params.HttpParams;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SP-9: what a lent consul-api client may be set to, and what becomes of locks over it: the table in docs/backends/consul.md. */
class LentSettingsTest {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration BOUND = Duration.ofSeconds(30);

    private static final Duration USUAL_LEAST = Duration.ofSeconds(10);

    private final Proxied consul = new Proxied();
    private final ConsulSettings settings =
            ConsulSettings.DEFAULTS.withPrefix(consul.prefix).withShortestLease(Duration.ofSeconds(1));

    @AfterEach
    void nothingIsLeft() {
        consul.close();
    }

    private LockClient open(CloseableHttpClient http, int port, ConsulSettings set) {
        ConsulRawClient lent = new ConsulRawClient(http, "127.0.0.1", port, "");
        return LockClient.open(
                ConsulBackend.using(lent, set),
                LockConfig.load().withLease(LEASE).withLabel("lent"));
    }

    private int port() {
        return consul.proxy.address().getPort();
    }

    private void excludeEachOther(LockClient one, LockClient other) throws Exception {
        long last = 0;
        for (int i = 0; i < 3; i++) {
            LockHandle hold = one.acquire("n", BOUND);
            assertThat(hold.fencingToken()).isGreaterThan(last);
            assertThat(other.tryAcquire("n")).isEmpty();
            CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
            await().atMost(BOUND).until(() -> one.lock("n").inspect().contenders() == 2);
            hold.release();
            LockHandle next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            assertThat(one.tryAcquire("n")).isEmpty();
            assertThat(one.list()).extracting(LockInfo::name).containsExactly("n");
            last = next.fencingToken();
            next.release();
        }
    }

    /** Whatever HttpClient can be told that concerns how a request looks. */
    @Test
    @DisplayName("SP-9: headers, cookies, compression, authentication, redirects and a user agent split nothing")
    void whatChangesRequestsSplitsNothing() throws Exception {
        HttpClientBuilder builder = HttpClients.custom()
                .setDefaultHeaders(List.of(new BasicHeader("Accept-Encoding", "gzip"), new BasicHeader("X-Mine", "1")))
                .setUserAgent("mine")
                .setRedirectStrategy(new LaxRedirectStrategy())
                .setConnectionReuseStrategy((response, context) -> false)
                .setMaxConnPerRoute(30)
                .setMaxConnTotal(30)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setExpectContinueEnabled(true)
                        .setContentCompressionEnabled(true)
                        .build());
        try (CloseableHttpClient http = builder.build();
                LockClient lent = open(http, port(), settings);
                LockClient plain = LockClient.open(consul.steady())) {
            excludeEachOther(lent, plain);
        }
    }

    /** One that keeps every answer to a question for ever, by its address; whoever reads there finds a lock free that is held. */
    @Test
    @DisplayName("SP-9: a cache in the lent client has no answer to a question of ours")
    void aCacheIsAskedForNothing() throws Exception {
        try (CloseableHttpClient pool = pooled(30);
                CloseableHttpClient http = new Caching(pool, false);
                LockClient lent = open(http, port(), settings);
                LockClient plain = LockClient.open(consul.steady())) {
            excludeEachOther(lent, plain);
            excludeEachOther(plain, lent);
        }
    }

    @Test
    @DisplayName("SP-9: a cache that looks at the path only is refused with the reason")
    void aCacheThatIsBeyondUsIsRefused() throws Exception {
        try (CloseableHttpClient pool = pooled(30);
                CloseableHttpClient http = new Caching(pool, true)) {
            LockClient.open(consul.steady()).close();
            http.execute(new HttpGet(
                            "http://127.0.0.1:" + port() + "/v1/kv/" + consul.keys.sessions() + "?recurse&consistent"))
                    .close();
            assertThatThrownBy(() -> open(http, port(), settings))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("cache");
        }
        consul.administrator.entries(consul.keys.root()).forEach(left -> consul.administrator.delete(left.key()));
    }

    /** As a read replica that is behind a redirect would be: questions are answered, and by somebody else. */
    @Test
    @DisplayName("SP-9: a client that reads elsewhere than it writes is refused with the reason")
    void readsThatAreLedAwayAreRefused() throws Exception {
        Relay leads = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                return method.equals("GET") && path.startsWith("/v1/kv/")
                        ? new Administrator.Answer(200, "[]")
                        : super.pass(method, path, body);
            }
        };
        try (leads;
                CloseableHttpClient http = pooled(30)) {
            int port =
                    Integer.parseInt(leads.endpoint().substring(leads.endpoint().indexOf(':') + 1));
            assertThatThrownBy(() -> open(http, port, settings))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("reads where it writes");
        }
        consul.administrator.entries(consul.keys.root()).forEach(left -> consul.administrator.delete(left.key()));
    }

    /** The answer is lost, and the client asks again by itself: what was done once is not done twice, and nothing is left. */
    @Test
    @DisplayName("SP-9: a client that repeats by itself gives one hold, and leaves nothing")
    void repeatsAreBorne() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        Relay lossy = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                Administrator.Answer answer = super.pass(method, path, body);
                boolean contendOrRelease = body.contains("check-not-exists") || body.contains("delete-cas");
                return contendOrRelease && requests.incrementAndGet() % 4 == 1
                        ? new Administrator.Answer(503, "busy")
                        : answer;
            }
        };
        HttpClientBuilder repeats = HttpClients.custom()
                .setMaxConnPerRoute(30)
                .setMaxConnTotal(30)
                .setRetryHandler(new DefaultHttpRequestRetryHandler(3, true))
                .setServiceUnavailableRetryStrategy(new Again());
        try (lossy;
                CloseableHttpClient http = repeats.build()) {
            int port =
                    Integer.parseInt(lossy.endpoint().substring(lossy.endpoint().indexOf(':') + 1));
            try (LockClient lent = open(http, port, settings);
                    LockClient plain = LockClient.open(consul.steady())) {
                excludeEachOther(lent, plain);
                assertThat(requests.get()).isGreaterThan(8);
                await().atMost(BOUND).until(() -> consul.line("n").isEmpty());
            }
        }
    }

    private static final class Again implements ServiceUnavailableRetryStrategy {
        @Override
        public boolean retryRequest(HttpResponse response, int count, HttpContext context) {
            return response.getStatusLine().getStatusCode() == 503 && count < 3;
        }

        @Override
        public long getRetryInterval() {
            return 1;
        }
    }

    /** As {@code HttpClients.createDefault()} has it: two connections, and a dozen names that wait. */
    @Test
    @DisplayName("KE-1: waits over a client of two connections keep no renewal back")
    void fewConnectionsCostNoHold() throws Exception {
        List<String> names =
                IntStream.range(0, 12).mapToObj(i -> consul.prefix + "-" + i).toList();
        LockConfig beside = LockConfig.of("consul://" + consul.server.node(1).endpoint());
        try (CloseableHttpClient http = HttpClients.createDefault();
                LockClient plain = LockClient.open(beside);
                LockClient client = LockClient.open(
                        ConsulBackend.using(new ConsulRawClient(http, "127.0.0.1", port(), "")),
                        LockConfig.load().withLease(USUAL_LEAST))) {
            LockHandle hold = client.acquire(consul.prefix);
            List<LockHandle> held = new ArrayList<>();
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            for (String name : names) {
                held.add(plain.acquire(name));
                waiting.add(client.acquireAsync(name).toCompletableFuture());
            }
            long renewals = client.metrics().renewals();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> client.metrics().renewals() >= renewals + 6 || !hold.isValid());
            assertThat(hold.isValid()).isTrue();
            held.forEach(LockHandle::release);
            for (CompletableFuture<LockHandle> next : waiting) {
                next.get(BOUND.toSeconds(), TimeUnit.SECONDS).release();
            }
            assertThat(client.metrics().lost()).isZero();
            hold.release();
        }
    }

    /** Each query that waits fails by it, and is begun anew. */
    @Test
    @DisplayName("WA-7: a time limit for answers that is shorter than a wait costs no turn and no hold")
    void aShortTimeLimitIsBorne() throws Exception {
        RequestConfig limits = RequestConfig.custom()
                .setSocketTimeout(1000)
                .setConnectTimeout(1000)
                .setConnectionRequestTimeout(1000)
                .build();
        try (CloseableHttpClient http = HttpClients.custom()
                        .setDefaultRequestConfig(limits)
                        .setMaxConnPerRoute(30)
                        .setMaxConnTotal(30)
                        .build();
                LockClient lent = open(http, port(), settings);
                LockClient plain = LockClient.open(consul.steady())) {
            LockHandle kept = lent.acquire("kept");
            LockHandle hold = plain.acquire("n");
            CompletableFuture<LockHandle> waiting = lent.acquireAsync("n").toCompletableFuture();
            long renewals = lent.metrics().renewals();
            await().atMost(Duration.ofMinutes(1)).until(() -> lent.metrics().renewals() >= renewals + 4);
            hold.release();
            waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS).release();
            assertThat(kept.isValid()).isTrue();
            kept.release();
        }
    }

    @Test
    @DisplayName("SP-9: a connection manager for one connection is told of, with what to do")
    void oneConnectionAtATimeIsRefused() throws Exception {
        try (CloseableHttpClient http = HttpClients.custom()
                        .setConnectionManager(new BasicHttpClientConnectionManager())
                        .build();
                LockClient plain = LockClient.open(consul.steady());
                LockClient lent = open(http, port(), settings)) {
            LockHandle hold = plain.acquire("n");
            CompletableFuture<LockHandle> waiting = lent.acquireAsync("n").toCompletableFuture();
            await().until(() -> consul.line("n").size() == 2);
            // The query that waits has the one connection.
            await().atMost(BOUND).untilAsserted(() -> assertThatThrownBy(
                            () -> lent.tryAcquire("m").ifPresent(LockHandle::release))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("PoolingHttpClientConnectionManager"));
            waiting.cancel(true);
            hold.release();
        }
    }

    private static CloseableHttpClient pooled(int connections) {
        return HttpClients.custom()
                .setMaxConnPerRoute(connections)
                .setMaxConnTotal(connections)
                .build();
    }

    /** Keeps answers to questions, by their whole address or by the path of it. */
    @SuppressWarnings("deprecation") // two methods of the interface that nobody calls any more
    private static final class Caching extends CloseableHttpClient {
        private final CloseableHttpClient by;
        private final boolean byPath;
        private final Map<String, CloseableHttpResponse> kept = new ConcurrentHashMap<>();

        Caching(CloseableHttpClient by, boolean byPath) {
            this.by = by;
            this.byPath = byPath;
        }

        @Override
        protected CloseableHttpResponse doExecute(HttpHost target, HttpRequest request, @Nullable HttpContext context)
                throws IOException {
            if (!(request instanceof HttpRequestBase sent) || !sent.getMethod().equals("GET")) {
                return by.execute(target, request, context);
            }
            URI asked = sent.getURI();
            String key = byPath ? asked.getPath() : asked.toString();
            CloseableHttpResponse known = kept.get(key);
            if (known == null) {
                known = by.execute(target, request, context);
                HttpEntity whole = known.getEntity();
                if (whole != null) {
                    known.setEntity(new BufferedHttpEntity(whole));
                }
                kept.put(key, known);
            }
            return known;
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
