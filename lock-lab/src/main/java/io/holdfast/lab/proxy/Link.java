// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * One connection through the proxy: the client's socket, the socket to the target, and a pipe each way. Used on the loop's
 * thread only.
 */
final class Link {
    private final Links links;
    private final SocketChannel client;
    private final SocketChannel target;
    private final SelectionKey clientKey;
    private final SelectionKey targetKey;
    private final Pipe requests;
    private final Pipe replies;
    private final List<Recording.Conversation> recorded = new ArrayList<>();
    private boolean connecting;
    private boolean repliedLast = true;
    private boolean closing;
    private boolean closed;

    /** Takes over an accepted connection; the socket to the target is made, and not yet connected. */
    Link(Links links, SocketChannel client, Selector selector, long now) throws IOException {
        this.links = links;
        this.client = client;
        this.target = SocketChannel.open();
        try {
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            target.configureBlocking(false);
            target.setOption(StandardSocketOptions.TCP_NODELAY, true);
            clientKey = client.register(selector, 0, this);
            targetKey = target.register(selector, 0, this);
        } catch (IOException e) {
            target.close();
            throw e;
        }
        requests = new Pipe(this, links.requests(), client, target, now);
        replies = new Pipe(this, links.replies(), target, client, now);
    }

    void connect(InetSocketAddress address) {
        try {
            connecting = !target.connect(address);
        } catch (IOException refused) {
            cut(Cut.RESET);
        }
    }

    boolean isClosed() {
        return closed;
    }

    Pipe pipe(WireFaults wire) {
        return wire.carriesRequests() ? requests : replies;
    }

    void record(Recording.Conversation conversation) {
        recorded.add(conversation);
    }

    /** Something was read: tells the recordings, and counts the flights. */
    void seen(boolean request, byte[] bytes) {
        if (request && repliedLast) {
            links.countFlight();
        }
        repliedLast = !request;
        recorded.forEach(conversation -> conversation.add(request, bytes));
    }

    /** Does what a selected key is ready for. */
    void ready(SelectionKey key, ByteBuffer scratch, long now) {
        if (key == targetKey && key.isValid() && key.isConnectable()) {
            finishConnect();
        }
        if (key.isValid() && key.isReadable()) {
            (key == clientKey ? requests : replies).read(scratch, now);
        }
    }

    private void finishConnect() {
        try {
            connecting = !target.finishConnect();
        } catch (IOException refused) {
            cut(Cut.RESET);
        }
    }

    /** Delivers what may be delivered, and asks the selector for what is missing; the time until more is due. */
    long pump(long now) {
        if (closed) {
            return Long.MAX_VALUE;
        }
        long next = Long.MAX_VALUE;
        if (!connecting) {
            next = requests.pump(now);
            next = closed ? next : Math.min(next, replies.pump(now));
        }
        if (!closed && requests.isFinished() && replies.isFinished()) {
            close(Cut.END);
        }
        if (!closed) {
            interest(clientKey, requests, replies);
            if (connecting) {
                targetKey.interestOps(SelectionKey.OP_CONNECT);
            } else {
                interest(targetKey, replies, requests);
            }
        }
        return next;
    }

    private void interest(SelectionKey key, Pipe reading, Pipe writing) {
        if (key.isValid()) {
            key.interestOps((reading.wantsRead() ? SelectionKey.OP_READ : 0)
                    | (writing.wantsWrite() ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** A write failed. The other pipe may still hold what the vanished receiver sent before: it is delivered first. */
    void receiverGone(Pipe pipe) {
        pipe.dropRest();
        Pipe other = pipe == requests ? replies : requests;
        if (other.isFinished()) {
            close(Cut.RESET);
        }
    }

    /** Ends the connection by a fault, which is counted. */
    void cut(Cut how) {
        if (!closed && !closing) {
            links.countCut();
            close(how);
        }
    }

    /** One side vanishes without a word to the other, whose socket stays open and silent. */
    void halfOpen(Side gone) {
        if (closed || closing) {
            return;
        }
        links.countCut();
        Pipe toGone = gone == Side.TARGET ? requests : replies;
        Pipe fromGone = gone == Side.TARGET ? replies : requests;
        toGone.fallSilent();
        fromGone.dropRest();
        connecting = false;
        close(gone == Side.TARGET ? target : client, Cut.RESET);
    }

    /** Ends both sides; after an end in order the sockets close when both peers have closed theirs. */
    void close(Cut how) {
        if (how == Cut.END && !closing && !(requests.isFinished() && replies.isFinished())) {
            endInOrder();
        } else {
            closed = true;
            close(client, how);
            close(target, how);
        }
    }

    private void endInOrder() {
        // Closing at once would turn into a reset where bytes lie
        // unread: end the streams, then swallow until the peers end.
        closing = true;
        requests.fallSilent();
        replies.fallSilent();
        try {
            client.shutdownOutput();
            target.shutdownOutput();
        } catch (IOException gone) {
            close(Cut.RESET);
        }
    }

    private static void close(SocketChannel channel, Cut how) {
        try {
            if (how == Cut.RESET && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException gone) {
            // The peer was faster: there is nothing left to reset.
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket of the proxy does not close", e);
        }
    }
}
