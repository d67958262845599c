// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.TcpProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of server behind the proxy, which cuts it off in each way; the clients are plain sockets. */
class FiveStoresSmokeTest extends ServerTestBase {
    private static final String HTTP = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @ParameterizedTest
    @CsvSource({
        "REDIS_7, PING, +PONG",
        "VALKEY_8, PING, +PONG",
        "ZOOKEEPER_3_9, srvr, Mode: standalone",
        "ETCD_3_4, /health, \"health\":\"true\"",
        "ETCD_3_5, /health, \"health\":\"true\"",
        "CONSUL_1_8, /v1/status/leader, 127.0.0.1:",
    })
    void answersThroughTheProxyUntilItIsCut(StoreKind kind, String question, String answer) throws Exception {
        String request = question.startsWith("/") ? HTTP.formatted(question) : question + "\r\n";
        try (TcpProxy proxy = TcpProxy.to(Servers.shared(kind).node(1).address())) {
            Client client = new Client(proxy, request, answer);
            client.assertAnswered();

            proxy.replies().cutAfter(2, Cut.RESET);
            assertThatThrownBy(client::ask).isInstanceOf(SocketException.class);
            proxy.requests().cutAfter(0, Cut.RESET);
            assertThatThrownBy(client::ask).isInstanceOf(SocketException.class);
            client.assertAnswered();

            proxy.replies().blackHole();
            assertThatThrownBy(client::ask).isInstanceOf(SocketTimeoutException.class);
            proxy.heal();
            proxy.requests().freeze();
            assertThatThrownBy(client::ask).isInstanceOf(SocketTimeoutException.class);
            proxy.heal();
            client.assertAnswered();

            proxy.refuse();
            assertThatThrownBy(client::ask).isInstanceOf(ConnectException.class);
            proxy.heal();
            client.assertAnswered();
        }
    }

    /** Asks on a connection of its own each time, and reads until the answer is complete. */
    private record Client(TcpProxy proxy, String request, String answer) {
        void assertAnswered() throws IOException {
            assertThat(ask()).contains(answer);
        }

        String ask() throws IOException {
            try (Socket socket =
                    new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
                // Long for a server on a busy machine; a fault that makes it silent costs so much each time.
                socket.setSoTimeout(2_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                StringBuilder said = new StringBuilder();
                for (int c = socket.getInputStream().read();
                        c >= 0;
                        c = socket.getInputStream().read()) {
                    said.append((char) c);
                    if (said.indexOf(answer) >= 0) {
                        break;
                    }
                }
                return said.toString();
            }
        }
    }
}
