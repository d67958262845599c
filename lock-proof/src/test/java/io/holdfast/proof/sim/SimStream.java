// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayDeque;

/** An ordered connection between a client and a server, as TCP makes it: what comes after a lost message never arrives. */
final class SimStream {
    private final SimWorld world;
    private final SimLink link;
    private final SimNode server;
    private final Direction up = new Direction();
    private final Direction down = new Direction();
    private boolean open = true;

    SimStream(SimWorld world, SimLink link, SimNode server) {
        this.world = world;
        this.link = link;
        this.server = server;
    }

    boolean isOpen() {
        return open;
    }

    void toServer(String what, Runnable action) {
        up.send(server, what, action, link.losesRequest(), link.latency());
    }

    void toClient(String what, Runnable action) {
        if (link.isCurrent()) {
            down.send(link.client(), what, action, link.losesReply(), link.replyLatency());
        }
    }

    /** Ends it on both sides; what is under way to the server still arrives there. */
    void close() {
        open = false;
    }

    private final class Direction {
        private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();
        private long last;
        private boolean stalled;
        private int incarnation;

        void send(SimNode to, String what, Runnable action, boolean lost, long latency) {
            stalled |= lost;
            if (stalled) {
                return;
            }
            last = Math.max(last + 1, world.now() + latency);
            if (incarnation != to.incarnation()) {
                incarnation = to.incarnation();
                inbox.clear();
            }
            inbox.add(action);
            // Whichever of the arrivals runs first takes the oldest message: a resumed node may run them in any order.
            world.in(to, last - world.now(), what, () -> inbox.remove().run());
        }
    }
}
