// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Transport.Reply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.http.Header;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpException;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.HttpStatus;
import org.apache.http.conn.ConnectionRequest;
import org.apache.http.conn.HttpClientConnectionManager;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.impl.DefaultConnectionReuseStrategy;
import org.apache.http.impl.client.DefaultConnectionKeepAliveStrategy;
import org.apache.http.impl.conn.ConnectionShutdownException;
import org.apache.http.protocol.BasicHttpContext;
import org.apache.http.protocol.HttpContext;

/**
 * One request and its answer, on a connection that is its own meanwhile. Nothing is sent twice, led elsewhere or kept.
 *
 * <p>HttpClient's own way from a request to its connection (addresses taken apart and put together, interceptors, cookies, logins) was a
 * third of what a lock costs its client here.
 */
final class Exchange {
    private static final HttpContext NOTHING_KNOWN = new BasicHttpContext();

    private final HttpClientConnectionManager pool;
    private final HttpClientConnection connection;

    /** Its connection was given back, or closed under it: it is not its own any more. */
    private final AtomicBoolean over = new AtomicBoolean();

    private Exchange(HttpClientConnectionManager pool, HttpClientConnection connection) {
        this.pool = pool;
        this.connection = connection;
    }

    /**
     * How long each step may take, in milliseconds.
     *
     * @param connect to be connected
     * @param answer to get a connection of the pool, and then for each piece of the answer
     */
    record Limits(int connect, int answer) {
        static Limits of(Duration connect, Duration answer) {
            return new Limits((int) Math.min(millis(connect), millis(answer)), (int) millis(answer));
        }

        private static long millis(Duration duration) {
            return Math.min(Integer.MAX_VALUE, Math.max(1, TimeUnit.NANOSECONDS.toMillis(duration.toNanos())));
        }
    }

    /** Sends a request to a server and waits for the answer, which a call may break off. */
    static Reply of(HttpClientConnectionManager pool, HttpRoute server, HttpRequest request, Call call, Limits limits)
            throws IOException {
        Exchange exchange = new Exchange(pool, connection(pool, server, call, limits));
        call.sending(exchange::end);
        try {
            exchange.connect(server, limits);
            return exchange.answer(request);
        } catch (HttpException e) {
            throw new IOException("an answer that is no HTTP", e);
        } catch (ConnectionShutdownException e) {
            throw new InterruptedIOException("the connection was closed under it");
        } finally {
            exchange.end();
        }
    }

    private static HttpClientConnection connection(
            HttpClientConnectionManager pool, HttpRoute server, Call call, Limits limits) throws IOException {
        ConnectionRequest asked = pool.requestConnection(server, null);
        call.sending(asked::cancel);
        try {
            return asked.get(limits.answer(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before there was a connection");
        } catch (ExecutionException e) {
            throw new InterruptedIOException("broken off before there was a connection");
        }
    }

    private void connect(HttpRoute server, Limits limits) throws IOException {
        if (!connection.isOpen()) {
            HttpContext fresh = new BasicHttpContext();
            pool.connect(connection, server, limits.connect(), fresh);
            pool.routeComplete(connection, server, fresh);
        }
        connection.setSocketTimeout(limits.answer());
    }

    private Reply answer(HttpRequest request) throws IOException, HttpException {
        connection.sendRequestHeader(request);
        if (request instanceof HttpEntityEnclosingRequest body) {
            connection.sendRequestEntity(body);
        }
        connection.flush();
        HttpResponse response = connection.receiveResponseHeader();
        while (status(response) < HttpStatus.SC_OK) { // 1xx, before the answer
            response = connection.receiveResponseHeader();
        }
        if (status(response) != HttpStatus.SC_NO_CONTENT && status(response) != HttpStatus.SC_NOT_MODIFIED) {
            connection.receiveResponseEntity(response);
        }
        Reply reply = new Reply(status(response), LimitedAnswer.text(response.getEntity()), index(response));
        if (DefaultConnectionReuseStrategy.INSTANCE.keepAlive(response, NOTHING_KNOWN)) {
            giveBack(DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, NOTHING_KNOWN));
        }
        return reply;
    }

    private static int status(HttpResponse response) {
        return response.getStatusLine().getStatusCode();
    }

    private static long index(HttpResponse response) {
        Header index = response.getFirstHeader("X-Consul-Index");
        try {
            return index == null ? 0 : Long.parseUnsignedLong(index.getValue());
        } catch (NumberFormatException e) {
            return 0; // as if it had none
        }
    }

    private void giveBack(long millis) {
        if (over.compareAndSet(false, true)) {
            pool.releaseConnection(connection, null, millis, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Closes the connection, from any thread, unless it was given back: then the next request has it. Whoever waits for an answer on it
     * is let go.
     */
    private void end() {
        if (over.compareAndSet(false, true)) {
            try {
                connection.shutdown();
            } catch (IOException e) {
                // Then it is no use either.
            } finally {
                pool.releaseConnection(connection, null, 0, TimeUnit.MILLISECONDS);
            }
        }
    }
}
