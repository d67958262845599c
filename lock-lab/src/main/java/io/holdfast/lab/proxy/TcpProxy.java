// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.concurrent.CompletableFuture;

/**
 * A TCP proxy on a free loopback port that forwards to one target, and harms what passes as told.
 *
 * <p>Without a fault it forwards bytes, half-closed streams and resets as they come. One thread serves all connections;
 * {@link #close()} ends it and leaves no socket. Faults are exact: when a method has returned, its fault is in force.
 * Thread-safe; every method but {@link #close()} and {@link #address()} throws {@link IllegalStateException} once the proxy
 * is closed.
 */
public final class TcpProxy implements AutoCloseable {
    private final Links links;
    private final ProxyLoop loop;
    private final Wire requests;
    private final Wire replies;

    private TcpProxy(InetSocketAddress target, long seed) throws IOException {
        WireFaults requestFaults = new WireFaults(true, seed);
        WireFaults replyFaults = new WireFaults(false, ~seed);
        Selector selector = Selector.open();
        try {
            links = new Links(selector, target, requestFaults, replyFaults);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
        loop = new ProxyLoop(
                selector, links, "holdfast-proxy-" + links.address().getPort());
        requests = new Wire(loop, links, requestFaults);
        replies = new Wire(loop, links, replyFaults);
    }

    /**
     * Opens a proxy whose jitter comes from seed 1.
     *
     * @param target where to forward to; it need not listen yet
     * @return the open proxy
     * @throws UncheckedIOException if no socket can be had
     */
    public static TcpProxy to(InetSocketAddress target) {
        return to(target, 1);
    }

    /**
     * Opens a proxy.
     *
     * @param target where to forward to; it need not listen yet
     * @param seed what jitter is drawn from
     * @return the open proxy
     * @throws UncheckedIOException if no socket can be had
     */
    public static TcpProxy to(InetSocketAddress target, long seed) {
        try {
            TcpProxy proxy = new TcpProxy(target, seed);
            proxy.loop.start();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy to " + target, e);
        }
    }

    /**
     * Where clients connect to.
     *
     * @return a loopback address, the same for the proxy's whole life
     */
    public InetSocketAddress address() {
        return links.address();
    }

    /**
     * {@link #address()} as a URI's authority.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public String endpoint() {
        return address().getAddress().getHostAddress() + ":" + address().getPort();
    }

    /**
     * Sends later connections to another target; open ones keep theirs.
     *
     * @param target where to forward to
     */
    public void target(InetSocketAddress target) {
        loop.call(() -> links.target(target));
    }

    /**
     * What clients send.
     *
     * @return the direction from clients to the target
     */
    public Wire requests() {
        return requests;
    }

    /**
     * What the target sends.
     *
     * @return the direction from the target to clients
     */
    public Wire replies() {
        return replies;
    }

    /** Resets every open connection, towards both sides; new ones are accepted. */
    public void resetAll() {
        loop.call(links::resetAll);
    }

    /**
     * Lets one side of every open connection vanish without a word to the other. The other side's sockets stay open and silent until it
     * closes them; the vanished side sees a reset. Later connections are not touched.
     *
     * @param gone the side that vanishes
     */
    public void halfOpen(Side gone) {
        loop.call(() -> links.halfOpen(gone));
    }

    /** Refuses new connections, as if nobody listened; open ones go on, and the port stays the proxy's. */
    public void refuse() {
        loop.call(links::refuse);
    }

    /** Accepts new connections again. No effect if they are accepted. */
    public void accept() {
        loop.call(links::acceptAgain);
    }

    /** Ends every fault in both directions, and accepts new connections. */
    public void heal() {
        loop.call(() -> {
            links.requests().heal();
            links.replies().heal();
            links.acceptAgain();
        });
    }

    /**
     * What has passed so far.
     *
     * @return a consistent snapshot
     */
    public Traffic traffic() {
        return loop.ask(links::traffic);
    }

    /**
     * Begins to keep all that is sent, on open and later connections.
     *
     * @return the recording, to be closed when it is no longer needed; the proxy's end ends it too
     */
    public Recording record() {
        Recording recording = new Recording();
        loop.call(() -> links.record(recording));
        return recording;
    }

    /**
     * Runs a script, whose time begins now.
     *
     * @param script what to do and when
     * @return completes after the last step; cancel it to leave out the rest. When a step throws, it completes exceptionally with that,
     *     and the rest is left out
     */
    public CompletableFuture<Void> play(FaultScript script) {
        CompletableFuture<Void> playing = new CompletableFuture<>();
        loop.call(() -> {
            int left = script.steps().size();
            for (FaultScript.Step step : script.steps()) {
                boolean last = --left == 0;
                loop.later(step.at(), playing, () -> run(step.fault(), playing, last));
            }
        });
        if (script.steps().isEmpty()) {
            playing.complete(null);
        }
        return playing;
    }

    private void run(Fault fault, CompletableFuture<Void> playing, boolean last) {
        try {
            fault.action().accept(this);
        } catch (RuntimeException e) {
            playing.completeExceptionally(e);
        }
        if (last) {
            playing.complete(null);
        }
    }

    /**
     * Resets every connection, frees the port and ends the thread. Idempotent.
     *
     * @throws IllegalStateException if the proxy had failed before; its sockets are closed all the same
     */
    @Override
    public void close() {
        Throwable failure = loop.close();
        if (failure != null) {
            throw new IllegalStateException("the proxy on " + endpoint() + " has failed: " + failure, failure);
        }
    }

    @Override
    public String toString() {
        return "TcpProxy[" + endpoint() + "]";
    }
}
