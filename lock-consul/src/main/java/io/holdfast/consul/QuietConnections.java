// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.http.config.ConnectionConfig;
import org.apache.http.conn.HttpConnectionFactory;
import org.apache.http.conn.ManagedHttpClientConnection;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.impl.conn.DefaultManagedHttpClientConnection;
import org.jspecify.annotations.Nullable;

/** Connections that log nothing: HttpClient's usual ones write each header, and so the token, to a log when that is at DEBUG. */
final class QuietConnections implements HttpConnectionFactory<HttpRoute, ManagedHttpClientConnection> {
    private static final int BUFFER = 8 * 1024;

    private final AtomicLong count = new AtomicLong();

    @Override
    public ManagedHttpClientConnection create(HttpRoute route, @Nullable ConnectionConfig config) {
        return new DefaultManagedHttpClientConnection("consul-" + count.incrementAndGet(), BUFFER);
    }
}
