// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.time.Duration;

/**
 * One direction of everything that passes a proxy, and the faults set on it.
 *
 * <p>A fault holds for open and for later connections until {@link #heal()} or the method that ends it. When a method has
 * returned, the fault is in force: no byte passes any more that it forbids. Faults combine: a delayed wire can be frozen.
 * Thread-safe; every method throws {@link IllegalStateException} once the proxy is closed.
 */
public final class Wire {
    private final ProxyLoop loop;
    private final Links links;
    private final WireFaults faults;

    Wire(ProxyLoop loop, Links links, WireFaults faults) {
        this.loop = loop;
        this.links = links;
        this.faults = faults;
    }

    /**
     * Delivers every byte late by the same time.
     *
     * @param delay how late; zero ends the delay
     * @throws IllegalArgumentException if it is negative
     */
    public void delay(Duration delay) {
        delay(delay, Duration.ZERO);
    }

    /**
     * Delivers every byte late, by a time drawn from the proxy's seed for each piece read; the order is kept.
     *
     * @param delay the least delay, zero or more
     * @param jitter what is added at most, zero or more
     * @throws IllegalArgumentException if one of them is negative
     */
    public void delay(Duration delay, Duration jitter) {
        if (delay.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException("a delay is zero or more: " + delay + ", " + jitter);
        }
        loop.call(() -> faults.delay(delay, jitter));
    }

    /**
     * Limits how fast bytes are delivered on each connection.
     *
     * @param bytesPerSecond the limit; zero ends it
     * @throws IllegalArgumentException if it is negative
     */
    public void throughput(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a throughput is zero or more: " + bytesPerSecond);
        }
        loop.call(() -> faults.bytesPerSecond(bytesPerSecond));
    }

    /**
     * Swallows what is sent, the end of the connection included; what was held back or delayed is lost too.
     *
     * <p>A connection that has lost something stays silent in this direction after {@link #heal()}, because TCP delivers
     * no stream with a gap; one that sent nothing meanwhile goes on.
     */
    public void blackHole() {
        loop.call(() -> {
            faults.blackHole();
            links.pipes(faults).forEach(Pipe::swallowHeld);
        });
    }

    /**
     * Holds back what is sent from now on, and what is on its way, until {@link #thaw()}.
     *
     * <p>What a client sent before it closed or reset its connection stays on its way: this is how a request arrives after
     * its sender has given up.
     */
    public void freeze() {
        loop.call(() -> faults.freeze(true));
    }

    /** Delivers everything held back, in order, and holds nothing back any more. No effect without a freeze. */
    public void thaw() {
        loop.call(() -> faults.freeze(false));
    }

    /**
     * Ends one connection after so many more bytes: the first one on which they have been delivered in this direction.
     * Other connections and later ones are not touched; a second call replaces the first.
     *
     * @param bytes how many bytes are delivered first, counted on each connection from now; with zero a connection ends at
     *     its next byte, which is not delivered
     * @param how the manner of its end
     * @throws IllegalArgumentException if the number is negative
     */
    public void cutAfter(long bytes, Cut how) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a number of bytes is zero or more: " + bytes);
        }
        loop.call(() -> {
            faults.cutAfter(bytes, how);
            links.pipes(faults).forEach(Pipe::countAnew);
        });
    }

    /** Ends every fault of this direction; what a freeze held back is delivered. */
    public void heal() {
        loop.call(faults::heal);
    }

    @Override
    public String toString() {
        return faults.carriesRequests() ? "requests" : "replies";
    }
}
