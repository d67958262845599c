// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A plain server, a proxy before it, and clients of the proxy; all closed after each test. */
@Timeout(60)
abstract class ProxyTestBase {
    private final boolean echo;
    private final List<Socket> clients = new ArrayList<>();
    PlainServer server;
    TcpProxy proxy;

    ProxyTestBase(boolean echo) {
        this.echo = echo;
    }

    @BeforeEach
    void open() throws IOException {
        server = new PlainServer(echo);
        proxy = TcpProxy.to(server.address(), 42);
    }

    @AfterEach
    void close() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        proxy.close();
        server.close();
        assertThat(threadsOf(proxy)).as("threads left").isEmpty();
    }

    static List<Thread> threadsOf(TcpProxy proxy) {
        String name = "holdfast-proxy-" + proxy.address().getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .toList();
    }

    Socket connect() throws IOException {
        Socket client = new Socket(proxy.address().getAddress(), proxy.address().getPort());
        clients.add(client);
        client.setSoTimeout(10_000);
        return client;
    }

    /** A client whose connection has already reached the server. */
    Socket connected() throws IOException {
        int before = server.connections().size();
        Socket client = connect();
        await().until(() -> server.connections().size() > before);
        return client;
    }

    /** The server's end of the connection made last. */
    PlainServer.Connection served() {
        return server.connections().get(server.connections().size() - 1);
    }

    static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    static String receive(Socket client, int bytes) throws IOException {
        return new String(client.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
    }

    static void assertEcho(Socket client, String text) throws IOException {
        send(client, text);
        assertThat(receive(client, text.length())).isEqualTo(text);
    }

    /** Nothing comes for a while, and no end either: short, because a wrong byte would be there at once on loopback. */
    static void assertSilent(Socket client) throws IOException {
        client.setSoTimeout(150);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.setSoTimeout(10_000);
    }
}
