// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Free ports of the loopback address, kept for one server while it lives, also between its lives.
 *
 * <p>Each port is held by a socket that is bound and never listens. On Linux the server can bind it all the same, since both
 * allow the address to be reused, and the kernel gives it to nobody else as a free one.
 */
final class Ports implements AutoCloseable {
    private final List<SocketChannel> held = new ArrayList<>();
    private final List<Integer> numbers = new ArrayList<>();

    private Ports() {}

    static Ports take(int count) throws IOException {
        Ports ports = new Ports();
        try {
            for (int i = 0; i < count; i++) {
                ports.takeOne();
            }
            return ports;
        } catch (IOException e) {
            ports.close();
            throw e;
        }
    }

    private void takeOne() throws IOException {
        SocketChannel channel = SocketChannel.open();
        held.add(channel);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        numbers.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    List<Integer> numbers() {
        return numbers;
    }

    /** Lets the ports go; their numbers are still known. Idempotent. */
    @Override
    public void close() throws IOException {
        for (SocketChannel channel : held) {
            channel.close();
        }
    }
}
