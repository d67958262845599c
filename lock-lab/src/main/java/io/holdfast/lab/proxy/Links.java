// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The listening socket of a proxy and the connections it has accepted. Used on the loop's thread only, once that runs.
 */
final class Links {
    private final Selector selector;
    private final WireFaults requests;
    private final WireFaults replies;
    /** Bound and never listening: keeps the port ours while connections are refused. */
    private final SocketChannel portKeeper;

    private final InetSocketAddress address;
    private final List<Link> links = new ArrayList<>();
    private final List<Recording> recordings = new ArrayList<>();
    private @Nullable ServerSocketChannel listener;
    private InetSocketAddress target;
    private long opened;
    private long cuts;
    private long flights;

    Links(Selector selector, InetSocketAddress target, WireFaults requests, WireFaults replies) throws IOException {
        this.selector = selector;
        this.target = target;
        this.requests = requests;
        this.replies = replies;
        portKeeper = SocketChannel.open();
        try {
            portKeeper.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            portKeeper.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            address = (InetSocketAddress) portKeeper.getLocalAddress();
            listener = listen(selector, address);
        } catch (IOException e) {
            portKeeper.close();
            throw e;
        }
    }

    private static ServerSocketChannel listen(Selector selector, InetSocketAddress address) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, 512);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_ACCEPT);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    void target(InetSocketAddress newTarget) {
        target = newTarget;
    }

    Stream<Pipe> pipes(WireFaults direction) {
        return links.stream().map(link -> link.pipe(direction));
    }

    void accept(ServerSocketChannel from, long now) throws IOException {
        SocketChannel client = from.accept();
        if (client == null) {
            return;
        }
        opened++;
        Link link;
        try {
            link = new Link(this, client, selector, now);
        } catch (IOException e) {
            client.close();
            throw e;
        }
        recordings.forEach(recording -> link.record(recording.begin()));
        links.add(link);
        link.connect(target);
    }

    WireFaults requests() {
        return requests;
    }

    WireFaults replies() {
        return replies;
    }

    /** Delivers what may be delivered; returns nanoseconds until more can be by time alone. */
    long pump(long now) {
        long wait = Long.MAX_VALUE;
        for (Link link : links) {
            wait = Math.min(wait, link.pump(now));
        }
        links.removeIf(Link::isClosed);
        return wait;
    }

    void refuse() {
        if (listener != null) {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the proxy cannot stop listening on " + address, e);
            }
            listener = null;
        }
    }

    void acceptAgain() {
        if (listener == null) {
            try {
                listener = listen(selector, address);
            } catch (IOException e) {
                throw new UncheckedIOException("the proxy cannot listen on " + address + " again", e);
            }
        }
    }

    void resetAll() {
        links.forEach(link -> link.cut(Cut.RESET));
    }

    void halfOpen(Side gone) {
        links.forEach(link -> link.halfOpen(gone));
    }

    void record(Recording recording) {
        recordings.add(recording);
        links.forEach(link -> link.record(recording.begin()));
    }

    void countCut() {
        cuts++;
    }

    void countFlight() {
        flights++;
    }

    Traffic traffic() {
        return new Traffic(
                opened,
                links.stream().filter(link -> !link.isClosed()).count(),
                cuts,
                requests.deliveredBytes(),
                replies.deliveredBytes(),
                requests.swallowedBytes() + replies.swallowedBytes(),
                flights);
    }

    void close() throws IOException {
        links.forEach(link -> link.close(Cut.RESET));
        refuse();
        portKeeper.close();
    }
}
