// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a proxy does as a whole: forwarding, refusing, resetting, counting, closing. */
class TcpProxyTest extends ProxyTestBase {
    TcpProxyTest() {
        super(true);
    }

    @Test
    void forwardsBothWays() throws IOException {
        assertEcho(connect(), "hello");
        assertThat(served().receivedText()).isEqualTo("hello");
    }

    @Test
    void forwardsAHalfClosedStream() throws IOException {
        Socket client = connect();
        send(client, "last words");
        client.shutdownOutput();
        assertThat(client.getInputStream().readAllBytes()).hasSize("last words".length());
        await().until(() -> served().ended() == PlainServer.Ended.IN_ORDER);
        await().until(() -> proxy.traffic().open() == 0);
    }

    @Test
    void forwardsAResetOfTheServer() throws IOException {
        Socket client = connected();
        served().reset();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
    }

    @Test
    void forwardsAResetOfTheClient() throws IOException {
        Socket client = connected();
        client.setSoLinger(true, 0);
        client.close();
        await().until(() -> served().ended() == PlainServer.Ended.BY_RESET);
    }

    @Test
    void keepsEveryByteOfALargeTransferToASlowReader() throws Exception {
        byte[] sent = new byte[24 << 20];
        new Random(7).nextBytes(sent);
        Socket client = connect();
        // The client reads only after it has sent all: the echo must be kept somewhere, and nobody may block for ever.
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                client.getOutputStream().write(sent);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(Arrays.equals(client.getInputStream().readNBytes(sent.length), sent))
                .isTrue();
        sending.join();
        assertThat(proxy.traffic().requestBytes()).isEqualTo(sent.length);
        assertThat(proxy.traffic().replyBytes()).isEqualTo(sent.length);
    }

    @Test
    void servesManyConnections() throws IOException {
        List<Socket> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(connect());
            send(many.get(i), "client %02d".formatted(i));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(receive(many.get(i), 9)).isEqualTo("client %02d".formatted(i));
        }
        assertThat(proxy.traffic().opened()).isEqualTo(100);
        assertThat(threadsOf(proxy)).hasSize(1);
    }

    @Test
    void resetsAllConnectionsAndServesNewOnes() throws IOException {
        Socket first = connected();
        Socket second = connected();
        proxy.resetAll();
        assertThatThrownBy(() -> first.getInputStream().read()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> second.getInputStream().read()).isInstanceOf(IOException.class);
        assertThat(proxy.traffic().cut()).isEqualTo(2);
        assertThat(proxy.traffic().open()).isZero();
        assertEcho(connect(), "again");
    }

    @Test
    void refusesNewConnectionsAndKeepsItsPort() throws IOException {
        Socket open = connected();
        proxy.refuse();
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertEcho(open, "still here");
        // Nobody gets the port by chance meanwhile.
        for (int i = 0; i < 50; i++) {
            try (ServerSocket other = new ServerSocket(0)) {
                assertThat(other.getLocalPort()).isNotEqualTo(proxy.address().getPort());
            }
        }
        proxy.accept();
        assertEcho(connect(), "back");
    }

    @Test
    void resetsAClientWhoseTargetDoesNotListen() throws IOException {
        InetSocketAddress nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, server.address().getAddress())) {
            nobody = (InetSocketAddress) closed.getLocalSocketAddress();
        }
        proxy.target(nobody);
        Socket client = connect();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        assertThat(proxy.traffic().cut()).isEqualTo(1);
        proxy.target(server.address());
        assertEcho(connect(), "found");
    }

    @Test
    void leavesTheTargetsSideHalfOpen() throws IOException {
        Socket client = connected();
        proxy.halfOpen(Side.CLIENT);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        served().send("are you there?");
        // The server's next byte would fail had it been told; it is swallowed instead.
        await().until(() -> proxy.traffic().swallowedBytes() == "are you there?".length());
        assertThat(served().ended()).isEqualTo(PlainServer.Ended.NOT_YET);
        assertThat(proxy.traffic().open()).isEqualTo(1);
    }

    @Test
    void leavesTheClientsSideHalfOpen() throws IOException {
        Socket client = connected();
        proxy.halfOpen(Side.TARGET);
        await().until(() -> served().ended() == PlainServer.Ended.BY_RESET);
        send(client, "are you there?");
        assertSilent(client);
        assertEcho(connect(), "a later one");
        client.close();
        await().until(() -> proxy.traffic().open() == 1);
    }

    @Test
    void countsBytesAndFlights() throws IOException {
        Socket client = connected();
        Traffic before = proxy.traffic();
        assertThat(before).isEqualTo(new Traffic(1, 1, 0, 0, 0, 0, 0));
        assertEcho(client, "one");
        assertEcho(client, "three");
        assertThat(proxy.traffic()).isEqualTo(new Traffic(1, 1, 0, 8, 8, 0, 2));
    }

    @Test
    void recordsWhatBothSidesSentOnEachConnection() throws IOException {
        Socket early = connect();
        assertEcho(early, "unheard");
        Recording recording = proxy.record();
        assertEcho(early, "tok");
        assertEcho(early, "en-1 token-2");
        assertEcho(connect(), "token-2");
        recording.close();
        assertEcho(early, "token-2 unheard");

        assertThat(recording.count("unheard")).isZero();
        assertThat(recording.count("token-1"))
                .as("each way, and over two writes")
                .isEqualTo(2);
        assertThat(recording.count("token-2")).isEqualTo(4);
        assertThat(recording.exchanges()).hasSize(2);
        assertThat(recording.exchanges().get(1).requests())
                .hasSize(7)
                .isEqualTo(recording.exchanges().get(1).replies());
        assertThatThrownBy(() -> recording.count("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closesEverySocketAndIsThenOfNoUse() throws IOException {
        Socket client = connected();
        proxy.close();
        proxy.close();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        await().until(() -> served().ended() == PlainServer.Ended.BY_RESET);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertThatThrownBy(proxy::resetAll)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        try (ServerSocket again = new ServerSocket()) {
            again.bind(proxy.address());
            assertThat(again.isBound()).as("the port is free again").isTrue();
        }
    }
}
