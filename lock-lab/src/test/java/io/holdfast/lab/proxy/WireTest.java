// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The faults of one direction. */
class WireTest extends ProxyTestBase {
    WireTest() {
        super(true);
    }

    private Wire wire(boolean requests) {
        return requests ? proxy.requests() : proxy.replies();
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void delaysWhatPasses(boolean requests) throws IOException {
        Socket client = connected();
        wire(requests).delay(Duration.ofMillis(120));
        long start = System.nanoTime();
        assertEcho(client, "late");
        assertThat(since(start)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
        wire(requests).delay(Duration.ZERO);
        start = System.nanoTime();
        assertEcho(client, "soon");
        assertThat(since(start)).isLessThan(Duration.ofMillis(120));
    }

    @Test
    void keepsTheOrderUnderJitter() throws IOException {
        Socket client = connected();
        proxy.requests().delay(Duration.ofMillis(1), Duration.ofMillis(30));
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            send(client, "%03d,".formatted(i));
            sent.append("%03d,".formatted(i));
        }
        assertThat(receive(client, sent.length())).isEqualTo(sent.toString());
    }

    @Test
    void swallowsRequests() throws IOException {
        Socket client = connected();
        Socket idle = connected();
        proxy.requests().blackHole();
        send(client, "lost");
        await().until(() -> proxy.traffic().swallowedBytes() == 4);
        proxy.requests().heal();
        send(client, "after a gap");
        assertSilent(client);
        assertThat(server.connections().get(0).received())
                .as("no stream with a gap")
                .isEmpty();
        assertEcho(idle, "lost nothing");
        assertEcho(connect(), "new");
    }

    @Test
    void swallowsReplies() throws IOException {
        Socket client = connected();
        proxy.replies().blackHole();
        send(client, "heard");
        await().until(() -> served().receivedText().equals("heard"));
        assertSilent(client);
        assertThat(proxy.traffic().replyBytes()).isZero();
    }

    @Test
    void swallowsTheEndOfAConnectionToo() throws IOException {
        Socket client = connected();
        proxy.replies().blackHole();
        served().reset();
        assertSilent(client);
    }

    @Test
    void losesWhatAFreezeHeldWhenTheBlackHoleOpens() throws IOException {
        Socket client = connected();
        proxy.requests().freeze();
        send(client, "held");
        proxy.requests().blackHole();
        proxy.requests().heal();
        send(client, "more");
        assertSilent(client);
        assertThat(served().received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void holdsBackAndDeliversInOrder(boolean requests) throws IOException {
        Socket client = connected();
        wire(requests).freeze();
        send(client, "first ");
        assertSilent(client);
        send(client, "second");
        assertSilent(client);
        assertThat(served().receivedText()).isEqualTo(requests ? "" : "first second");
        wire(requests).thaw();
        assertThat(receive(client, 12)).isEqualTo("first second");
    }

    @Test
    void holdsBackMoreThanTheKernelWould() throws IOException {
        byte[] large = new byte[12 << 20];
        new Random(3).nextBytes(large);
        Socket client = connected();
        proxy.requests().freeze();
        client.getOutputStream().write(large);
        proxy.replies().blackHole();
        proxy.requests().thaw();
        await().until(() -> Arrays.equals(served().received(), large));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deliversARequestAfterItsSenderHasGone(boolean reset) throws IOException {
        Socket client = connected();
        proxy.requests().freeze();
        Recording recording = proxy.record();
        send(client, "too late");
        await().until(() -> recording.count("too late") == 1);
        client.setSoLinger(reset, 0);
        client.close();
        assertDeliveredLate(reset);
    }

    private void assertDeliveredLate(boolean reset) {
        assertThat(served().received()).isEmpty();
        proxy.requests().thaw();
        await().until(() -> served().receivedText().equals("too late"));
        await().until(() -> served().ended() != PlainServer.Ended.NOT_YET);
        assertThat(served().ended()).isEqualTo(reset ? PlainServer.Ended.BY_RESET : PlainServer.Ended.IN_ORDER);
    }

    @Test
    void cutsByResetAfterSomeBytesOfAReply() throws IOException {
        Socket client = connected();
        proxy.replies().cutAfter(3, Cut.RESET);
        send(client, "abcdef");
        assertThat(receive(client, 3)).isEqualTo("abc");
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        await().until(() -> served().ended() == PlainServer.Ended.BY_RESET);
        assertThat(proxy.traffic().replyBytes()).isEqualTo(3);
        assertEcho(connect(), "only one is cut");
    }

    @Test
    void cutsByEndAfterSomeBytesOfAReply() throws IOException {
        Socket client = connected();
        proxy.replies().cutAfter(3, Cut.END);
        send(client, "abcdef");
        assertThat(client.getInputStream().readAllBytes()).containsExactly('a', 'b', 'c');
        await().until(() -> served().ended() == PlainServer.Ended.IN_ORDER);
        client.close();
        await().until(() -> proxy.traffic().open() == 0);
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void cutsAfterSomeBytesOfARequest(Cut how) throws IOException {
        Socket client = connected();
        assertEcho(client, "before it counts");
        proxy.requests().cutAfter(2, how);
        send(client, "xyz");
        await().until(() -> served().ended() != PlainServer.Ended.NOT_YET);
        assertThat(served().receivedText()).isEqualTo("before it countsxy");
        assertThat(proxy.traffic().cut()).isEqualTo(1);
    }

    @Test
    void cutsAWholeRequestFromItsReply() throws IOException {
        Socket client = connected();
        proxy.requests().cutAfter(7, Cut.RESET);
        send(client, "request");
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        await().until(() -> served().receivedText().equals("request"));
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void cutsBeforeTheNextByte(Cut how) throws IOException {
        Socket first = connected();
        Socket second = connected();
        proxy.requests().cutAfter(0, how);
        send(second, "x");
        await().until(() -> served().ended() != PlainServer.Ended.NOT_YET);
        assertThat(served().received()).isEmpty();
        assertEcho(first, "not this one");
    }

    @Test
    void limitsTheThroughput() throws IOException {
        byte[] sent = new byte[60_000];
        new Random(5).nextBytes(sent);
        Socket client = connected();
        proxy.replies().throughput(200_000);
        long start = System.nanoTime();
        client.getOutputStream().write(sent);
        assertThat(Arrays.equals(client.getInputStream().readNBytes(sent.length), sent))
                .isTrue();
        // 60,000 bytes in slices of 4,000: the first is free, 14 wait 20 ms each.
        assertThat(since(start)).isGreaterThanOrEqualTo(Duration.ofMillis(280));
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        Wire wire = proxy.requests();
        assertThatThrownBy(() -> wire.delay(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wire.delay(Duration.ZERO, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wire.throughput(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wire.cutAfter(-1, Cut.END)).isInstanceOf(IllegalArgumentException.class);
    }
}
