// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.TlsSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Asks servers that a client does not reach over TLS why not: ZooKeeper's client keeps that to its log.
 *
 * @param servers whom to ask
 * @param tls whom to trust, and who we are
 * @param limit how long one server may take for one step
 */
record TlsProbe(List<InetSocketAddress> servers, TlsSettings tls, Duration limit) {
    /**
     * What is wrong with TLS; blocks.
     *
     * @return empty when it succeeds with one of them, or when nobody answers
     */
    Optional<String> complaint() {
        String first = null;
        for (InetSocketAddress server : servers) {
            try {
                shakeHands(server);
                return Optional.empty();
            } catch (SSLException e) {
                if (!TlsSettings.isRefused(e)) {
                    continue; // broken off, as by a server that is being stopped
                }
                first = first != null
                        ? first
                        : "TLS with " + server.getHostString() + ":" + server.getPort() + " fails (" + e.getMessage()
                                + "); check the settings tls.* and the servers' certificates";
            } catch (IOException e) {
                // Not a matter of TLS.
            }
        }
        return Optional.ofNullable(first);
    }

    private void shakeHands(InetSocketAddress server) throws IOException {
        int millis = Math.toIntExact(limit.toMillis());
        String host = server.getHostString();
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(host, server.getPort()), millis);
            plain.setSoTimeout(millis);
            try (SSLSocket socket =
                    (SSLSocket) tls.context().getSocketFactory().createSocket(plain, host, server.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                // What the server thinks of our certificate, or of none, it says only now.
                awaitObjections(socket);
            }
        }
    }

    private static void awaitObjections(SSLSocket socket) throws IOException {
        try {
            socket.getInputStream().read();
        } catch (SocketTimeoutException none) {
            // It waits for our first request.
        }
    }
}
