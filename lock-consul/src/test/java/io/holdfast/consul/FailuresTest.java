// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import com.ecwid.consul.transport.TransportException;
import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpHost;
import org.apache.http.conn.ConnectionPoolTimeoutException;
import org.apache.http.conn.HttpClientConnectionManager;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.impl.conn.BasicHttpClientConnectionManager;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an HTTP client throws that was lent, in our exceptions: by the words of the real connection managers. */
class FailuresTest {
    private static final HttpRoute ROUTE = new HttpRoute(new HttpHost("localhost", 8500));

    private final Failures failures = new Failures("consul://h");

    private LockException unanswered(RuntimeException failure) {
        return failures.unanswered(failure, "contend", true, null);
    }

    private static RuntimeException thrownBy(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("it threw nothing");
    }

    private static void ask(HttpClientConnectionManager manager) {
        try {
            manager.requestConnection(ROUTE, null).get(1, TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | ConnectionPoolTimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("SP-9: a connection manager for one connection, which somebody has, is a wrong setting")
    void oneConnection() {
        BasicHttpClientConnectionManager one = new BasicHttpClientConnectionManager();
        ask(one);
        RuntimeException taken = thrownBy(() -> ask(one));
        assertThat(unanswered(taken))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("one request at a time");
        assertThat(Failures.isBeforeSending(taken)).isTrue();
        one.close();
    }

    @Test
    @DisplayName("UO-1: a client that its owner has closed has no connection")
    void closedByItsOwner() {
        PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager();
        pool.close();
        BasicHttpClientConnectionManager one = new BasicHttpClientConnectionManager();
        one.close();
        for (RuntimeException closed : new RuntimeException[] {thrownBy(() -> ask(pool)), thrownBy(() -> ask(one))}) {
            assertThat(unanswered(closed))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("no connection");
            assertThat(Failures.isBeforeSending(closed)).isTrue();
        }
    }

    @Test
    @DisplayName("UO-7: any other state of a connection says nothing of what was sent by it")
    void anotherState() {
        RuntimeException broken = new TransportException(new IllegalStateException("Connection is not open"));
        assertThat(unanswered(broken)).isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(Failures.isBeforeSending(broken)).isFalse();
    }
}
