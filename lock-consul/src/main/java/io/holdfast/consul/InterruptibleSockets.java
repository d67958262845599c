// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.protocol.HttpContext;
import org.apache.http.ssl.SSLContexts;
import org.jspecify.annotations.Nullable;

/**
 * Sockets on channels: interrupting a thread that waits for an answer closes the connection and lets it go, where a plain socket
 * would keep it until the time limit (rule WA-3).
 */
final class InterruptibleSockets {
    private InterruptibleSockets() {}

    /**
     * In the clear and not.
     *
     * @param plain for {@code http}
     * @param tls for {@code https}
     */
    record Kinds(ConnectionSocketFactory plain, ConnectionSocketFactory tls) {}

    /**
     * Both kinds.
     *
     * @param tls whom to trust and what to show; null for what the JVM does by itself
     * @param checksNames whether a server's certificate must be for its name
     */
    static Kinds kinds(@Nullable SSLContext tls, boolean checksNames) {
        return new Kinds(new Plain(), tls(tls, checksNames));
    }

    private static ConnectionSocketFactory tls(@Nullable SSLContext tls, boolean checksNames) {
        HostnameVerifier verifier =
                checksNames ? SSLConnectionSocketFactory.getDefaultHostnameVerifier() : NoopHostnameVerifier.INSTANCE;
        return new Tls(tls == null ? SSLContexts.createDefault() : tls, verifier);
    }

    static final class Plain extends PlainConnectionSocketFactory {
        @Override
        public Socket createSocket(@Nullable HttpContext context) throws IOException {
            return SocketChannel.open().socket();
        }
    }

    /** The handshake is made over such a socket once it is connected. */
    private static final class Tls extends SSLConnectionSocketFactory {
        Tls(SSLContext context, HostnameVerifier verifier) {
            super(context, verifier);
        }

        @Override
        public Socket createSocket(@Nullable HttpContext context) throws IOException {
            return SocketChannel.open().socket();
        }
    }
}
