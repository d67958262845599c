// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Connections of the ready checks, in the clear or with TLS, as the server wants them. */
final class Sockets {
    /** Short: a check that gets no answer is made again. */
    static final int TIMEOUT_MILLIS = 2_000;

    private Sockets() {}

    static Socket connect(Site site) throws IOException {
        TlsFiles tls = site.layout().tls();
        Socket socket =
                tls == null ? new Socket() : tls.sslContext().getSocketFactory().createSocket();
        try {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), site.clientPort()), TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
