// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import io.holdfast.lab.proxy.Piece.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: reads from one side, keeps what is under way, delivers to the other. Used on the loop's
 * thread only.
 */
final class Pipe {
    /** How much may be under way before no more is read; beyond it the sender's kernel holds back. */
    private static final long MOST_UNDER_WAY = 16L << 20;

    private final Link link;
    private final WireFaults wire;
    private final SocketChannel from;
    private final SocketChannel to;
    private final ArrayDeque<Piece> underWay = new ArrayDeque<>();

    private long underWayBytes;
    private long lastDue;
    private long pacedUntil;
    private boolean sourceEnded;
    /** Has lost something, so delivers nothing more: see {@link Wire#blackHole()}. */
    private boolean silent;

    private boolean blocked;
    private boolean finished;
    /** Bytes delivered since the connection was opened, or since a cut was set. */
    private long delivered;

    Pipe(Link link, WireFaults wire, SocketChannel from, SocketChannel to, long now) {
        this.link = link;
        this.wire = wire;
        this.from = from;
        this.to = to;
        this.lastDue = now;
        this.pacedUntil = now;
    }

    /** Whether nothing will be delivered any more. */
    boolean isFinished() {
        return finished;
    }

    /** A cut was set: it counts from here. */
    void countAnew() {
        delivered = 0;
    }

    boolean wantsRead() {
        return !sourceEnded && underWayBytes < MOST_UNDER_WAY;
    }

    boolean wantsWrite() {
        return blocked;
    }

    /** Reads what the sender has sent. */
    void read(ByteBuffer scratch, long now) {
        scratch.clear();
        try {
            int count = from.read(scratch);
            if (count < 0) {
                arrived(Kind.END, ByteBuffer.allocate(0), now);
            } else if (count > 0) {
                byte[] copy = new byte[count];
                scratch.flip().get(copy);
                link.seen(wire.carriesRequests(), copy);
                arrived(Kind.BYTES, ByteBuffer.wrap(copy), now);
            }
        } catch (IOException gone) {
            arrived(Kind.RESET, ByteBuffer.allocate(0), now);
        }
    }

    private void arrived(Kind kind, ByteBuffer bytes, long now) {
        sourceEnded |= kind != Kind.BYTES;
        if (silent || wire.isBlack()) {
            silent = true;
            wire.swallowed(bytes.remaining());
            finished |= sourceEnded;
            return;
        }
        // Jitter must not reorder: nothing is due before what came before it.
        long due = now + wire.drawDelay();
        lastDue = due - lastDue > 0 ? due : lastDue;
        underWay.add(new Piece(kind, bytes, lastDue));
        underWayBytes += bytes.remaining();
    }

    /** The black hole opened: what is under way is lost with it. */
    void swallowHeld() {
        if (!underWay.isEmpty()) {
            fallSilent();
        }
    }

    /** Delivers nothing more, and tells the receiver nothing either. */
    void fallSilent() {
        silent = true;
        wire.swallowed(underWayBytes);
        underWay.clear();
        underWayBytes = 0;
        blocked = false;
        finished |= sourceEnded;
    }

    /**
     * Delivers what may be delivered now.
     *
     * @return nanoseconds until it can deliver more by time alone, or {@link Long#MAX_VALUE}
     */
    long pump(long now) {
        blocked = false;
        while (!finished && !wire.isFrozen()) {
            Piece next = underWay.peek();
            if (next == null) {
                return Long.MAX_VALUE;
            }
            long wait = Math.max(next.due() - now, pacedUntil - now);
            if (wait > 0) {
                return wait;
            }
            if (next.kind() != Kind.BYTES) {
                deliverEnd(next.kind());
            } else if (!deliver(next.bytes(), now)) {
                return Long.MAX_VALUE;
            }
        }
        return Long.MAX_VALUE;
    }

    private void deliverEnd(Kind kind) {
        finished = true;
        if (kind == Kind.RESET) {
            link.close(Cut.RESET);
            return;
        }
        try {
            to.shutdownOutput();
        } catch (IOException gone) {
            link.receiverGone(this);
        }
    }

    /** Writes what cut, pace and receiver allow; false when nothing more can be written now. */
    private boolean deliver(ByteBuffer bytes, long now) {
        long allowed = Math.min(wire.untilCut(delivered), paceLimit());
        if (allowed == 0) {
            cutNow();
            return false;
        }
        int slice = (int) Math.min(bytes.remaining(), allowed);
        int written;
        try {
            written = to.write(bytes.slice().limit(slice));
        } catch (IOException gone) {
            link.receiverGone(this);
            return false;
        }
        bytes.position(bytes.position() + written);
        underWayBytes -= written;
        delivered += written;
        wire.delivered(written);
        if (wire.bytesPerSecond() > 0) {
            pacedUntil = now + (long) (written * 1e9 / wire.bytesPerSecond());
        }
        if (!bytes.hasRemaining()) {
            underWay.remove();
        }
        if (written > 0 && wire.untilCut(delivered) == 0) {
            cutNow();
            return false;
        }
        blocked = written < slice;
        return !blocked;
    }

    /** With a limited throughput, a fiftieth of a second's worth at once: smooth, and few wake-ups. */
    private long paceLimit() {
        long rate = wire.bytesPerSecond();
        return rate == 0 ? Integer.MAX_VALUE : Math.max(1, rate / 50);
    }

    private void cutNow() {
        @Nullable Cut how = wire.takeCut();
        if (how != null) {
            link.cut(how);
        }
    }

    /** The receiver is gone: what was sent to it is lost, and what it sent before is still delivered by the other pipe. */
    void dropRest() {
        fallSilent();
        finished = true;
    }
}
