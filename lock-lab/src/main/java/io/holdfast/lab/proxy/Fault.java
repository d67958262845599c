// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Something that is done to a proxy, with a name to report it by.
 *
 * @param name what it is called in a report
 * @param action what is done; it runs on the proxy's thread and must not block
 */
public record Fault(String name, Consumer<TcpProxy> action) {
    /** Ends every fault: {@link TcpProxy#heal()}. */
    public static final Fault HEAL = new Fault("heal", TcpProxy::heal);

    /**
     * The faults that a store's client has to live through, each of which {@link #HEAL} ends: a black hole in one direction
     * and in both, a freeze in one direction and in both, a delay with jitter, a reset of everything, refusal, connections
     * half open on the target's side.
     *
     * @return a list to draw from
     */
    public static List<Fault> usual() {
        return List.of(
                new Fault("requests swallowed", proxy -> proxy.requests().blackHole()),
                new Fault("replies swallowed", proxy -> proxy.replies().blackHole()),
                new Fault("all swallowed", proxy -> {
                    proxy.requests().blackHole();
                    proxy.replies().blackHole();
                }),
                new Fault("requests frozen", proxy -> proxy.requests().freeze()),
                new Fault("replies frozen", proxy -> proxy.replies().freeze()),
                new Fault("all frozen", proxy -> {
                    proxy.requests().freeze();
                    proxy.replies().freeze();
                }),
                new Fault(
                        "replies late", proxy -> proxy.replies().delay(Duration.ofMillis(50), Duration.ofMillis(100))),
                new Fault("all reset", TcpProxy::resetAll),
                new Fault("refused", proxy -> {
                    proxy.refuse();
                    proxy.resetAll();
                }),
                new Fault("target half open", proxy -> proxy.halfOpen(Side.TARGET)));
    }
}
