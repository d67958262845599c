// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** Whether a server speaks TLS, or speaks without it; no more than that is said to it, and nothing believed that it says. */
public final class TlsProbe {
    private final String host;
    private final int port;
    private final int millis;

    /** @param patience for each of a connection and an answer */
    public TlsProbe(String host, int port, Duration patience) {
        this.host = host;
        this.port = port;
        this.millis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, patience.toMillis()));
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** It shakes hands, or says in TLS why it does not. */
    public boolean speaksTls() {
        try (Socket socket = connected()) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustEverybody()}, null);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true)) {
                tls.startHandshake();
                return true;
            }
        } catch (SSLException refused) {
            return String.valueOf(refused.getMessage()).contains("fatal alert");
        } catch (IOException | GeneralSecurityException | RuntimeException nothing) {
            return false;
        }
    }

    /** It answers a greeting in letters. */
    public boolean speaksPlain(String greeting) {
        try (Socket socket = connected()) {
            socket.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
            int first = socket.getInputStream().read();
            return first >= ' ' && first <= '~';
        } catch (IOException | RuntimeException nothing) {
            return false;
        }
    }
}
