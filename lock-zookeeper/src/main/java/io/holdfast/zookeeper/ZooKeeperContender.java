// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Grant;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** What the ensemble has of a contender: its node, the looks at its place in line, and its two watches. Thread-safe. */
final class ZooKeeperContender implements NodeWatches.Told {
    private final ZooKeeperSession session;
    private final Ticket ticket;
    private final Link link;
    private final ContenderNode node;
    private final NodeWatches watches;

    // Guarded by this.
    /** The node before its own, as the newest list has it; null when it is first, or was not seen. */
    private @Nullable String predecessor;
    /** Whether its place in line has to be looked at, which the next renewal does. */
    private boolean lookDue;

    private boolean placed;
    private boolean givenUp;
    private boolean gone;

    ZooKeeperContender(ZooKeeperSession session, Ticket ticket, String mark) {
        this.session = session;
        this.ticket = ticket;
        this.link = session.link();
        this.node = new ContenderNode(link, ticket, mark);
        this.watches = new NodeWatches(link.watches(), this);
    }

    Ticket ticket() {
        return ticket;
    }

    // ---- its request

    /** Takes a place, as {@link ZooKeeperSession#enter} does; the answer is of one that gives nothing up. */
    CompletableFuture<Entry> enter(boolean enqueue) {
        return node.make(session.inscription(), this::isNotToCome)
                .handle((made, failure) -> made == null
                        ? notMade(failure)
                        : made.children() == null
                                ? CompletableFuture.completedFuture(unseen(made, enqueue))
                                : entered(made.node(), made.children(), enqueue))
                .thenCompose(entry -> entry);
    }

    private CompletableFuture<Entry> notMade(@Nullable Throwable failure) {
        LockException why = link.plan().failures().of(failure, "contend");
        return ContenderNode.surelyNothing(why)
                ? CompletableFuture.completedFuture(refused(why))
                : CompletableFuture.failedFuture(why);
    }

    /** Nothing of it is there or will be. */
    private Entry refused(LockException why) {
        session.forget(this);
        return Entry.refused(why);
    }

    /** It stays in line though the list was lost with the connection, and looks again with the next one. */
    private Entry unseen(ContenderNode.Made made, boolean enqueue) {
        if (Failures.is(made.unlisted(), Code.NONODE)) {
            return refused(unavailable("its container was deleted"));
        }
        if (enqueue && Failures.is(made.unlisted(), Code.CONNECTIONLOSS)) {
            synchronized (this) {
                placed = true;
                lookDue = true;
            }
            return Entry.at(Seat.waiting(token(made.node()), 0), false);
        }
        return Entry.undecided(link.plan().failures().of(made.unlisted(), "look at the line"));
    }

    private CompletableFuture<Entry> entered(Requests.Node own, List<String> children, boolean enqueue) {
        Line line = Line.of(children);
        int ahead = ahead(line, own);
        Entry entry;
        if (ahead < 0) {
            entry = refused(unavailable("its node was deleted"));
        } else if (line.isNearItsEnd(ahead)) {
            entry = Entry.undecided(unavailable("ZooKeeper numbers what is under "
                    + node.container() + " up to 2147483647, and has come near that; delete that node while nobody uses"
                    + " the lock, or leave it unused for some minutes, after which the servers delete it"));
        } else if (token(own) >= Grant.TOKEN_LIMIT) {
            entry = Entry.undecided(
                    unavailable("its transactions are numbered past 2^53; this ensemble has had too many"
                            + " leaders to number locks"));
        } else if (ahead > 0 && !enqueue) {
            return leftAgain(own);
        } else {
            entry = Entry.at(seatOf(own, line, ahead), false);
        }
        return CompletableFuture.completedFuture(entry);
    }

    /** A try that is not first leaves again, and says so once it has left. */
    private CompletableFuture<Entry> leftAgain(Requests.Node own) {
        return node.delete(own).handle((removed, failure) -> {
            if (failure != null) {
                return Entry.undecided(link.plan().failures().of(failure, "leave the line"));
            }
            session.forget(this);
            return Entry.at(Seat.GONE, false);
        });
    }

    // ---- its place in line

    /** Asks for the line as it is now. */
    CompletableFuture<Seat> look() {
        Requests.Node own = node.get();
        if (own == null) {
            return CompletableFuture.failedFuture(new IllegalStateException(this + " has no node to look for"));
        }
        return link.requests()
                .children(node.container())
                .handle((children, failure) -> children == null ? notSeen(failure) : seen(own, children))
                .thenCompose(seat -> seat);
    }

    private CompletableFuture<Seat> seen(Requests.Node own, List<String> children) {
        Line line = Line.of(children);
        int ahead = ahead(line, own);
        if (ahead >= 0 && line.isNearItsEnd(ahead)) { // whoever is before whom is not to be told any more
            return node.delete(own).thenApply(removed -> vanished());
        }
        return CompletableFuture.completedFuture(ahead < 0 ? vanished() : seatOf(own, line, ahead));
    }

    /** Whoever waits already keeps its place, and looks again with the next renewal or connection. */
    private CompletableFuture<Seat> notSeen(@Nullable Throwable failure) {
        if (Failures.is(failure, Code.NONODE)) {
            return CompletableFuture.completedFuture(vanished());
        }
        notWatched();
        return CompletableFuture.failedFuture(link.plan().failures().of(failure, "look at the line"));
    }

    private Seat seatOf(Requests.Node own, Line line, int ahead) {
        synchronized (this) {
            placed = true;
            lookDue = false;
            predecessor = ahead == 0 ? null : node.container() + "/" + line.at(ahead - 1);
        }
        return ahead == 0 ? Seat.holding(token(own)) : Seat.waiting(token(own), 0);
    }

    private int ahead(Line line, Requests.Node own) {
        return line.ahead(own.path().substring(node.container().length() + 1));
    }

    private static long token(Requests.Node own) {
        return own.stat().getCzxid();
    }

    private Seat vanished() {
        synchronized (this) {
            gone = !givenUp;
        }
        session.forget(this);
        return Seat.GONE;
    }

    /** Watches who is before it, as far as that was seen. */
    void watch() {
        String before;
        synchronized (this) {
            before = lookDue ? null : predecessor;
        }
        if (before != null) {
            watches.before(before);
        }
    }

    void unwatch() {
        watches.notBefore();
    }

    @Override
    public void moved() {
        session.woken(this);
    }

    @Override
    public synchronized void notWatched() {
        lookDue = true;
    }

    /** Somebody else has removed its node; its own release or withdrawal marks it before. */
    @Override
    public void deleted() {
        Requests.Node own = node.get();
        synchronized (this) {
            if (own == null || givenUp) {
                return;
            }
            gone = true;
        }
        session.gone(this, token(own), "its node was deleted");
    }

    /** What was asked on the old connection may be lost; the watches, too, where ZooKeeper's client is set to forget them. */
    void reconnected() {
        watches.itselfAnew();
        session.woken(this);
    }

    /**
     * A renewal's second look.
     *
     * @return completes when what was asked is answered, with its seat, or with null when nothing was learned
     */
    CompletableFuture<@Nullable Seat> check() {
        Requests.Node own = node.get();
        boolean looks;
        synchronized (this) {
            if (own == null || !isOfUse()) {
                return CompletableFuture.completedFuture(null);
            }
            looks = lookDue;
        }
        return looks
                ? look().thenApply(seat -> seat)
                : watches.itself(own.path()).thenApply(watched -> null);
    }

    // ---- how it stands

    /** A session that was closed on a link that others share takes nothing along: what comes after must not be made. */
    private boolean isNotToCome() {
        synchronized (this) {
            if (givenUp) {
                return true;
            }
        }
        return session.isOver();
    }

    /** Whether it waits or holds, and was not given up. */
    synchronized boolean isOfUse() {
        return placed && !givenUp;
    }

    /** Whether somebody else has removed its node. */
    synchronized boolean isGone() {
        return gone;
    }

    // ---- giving back

    /** Nobody wants it any more: nothing is told of it, and what was not sent is not. */
    void giveUp() {
        synchronized (this) {
            givenUp = true;
        }
        Requests.Node own = node.get();
        watches.end(own == null ? null : own.path());
    }

    /** Gives its grant back. */
    CompletionStage<Boolean> release() {
        giveUp();
        Requests.Node own = node.get();
        if (own == null || link.isLost()) {
            return CompletableFuture.completedFuture(false);
        }
        if (!link.isConnected()) {
            return CompletableFuture.failedFuture(link.notConnected("release"));
        }
        return link.requests().limit(node.delete(own), "release").thenApply(removed -> {
            session.forget(this);
            return removed;
        });
    }

    /** Removes its node, or what its request may have made. */
    CompletionStage<?> remove() {
        giveUp();
        CompletableFuture<?> removed = link.isLost()
                ? CompletableFuture.completedFuture(true)
                : link.requests().limit(node.undo(), "withdraw");
        return removed.thenRun(() -> session.forget(this));
    }

    private LockUnavailableException unavailable(String why) {
        return new LockUnavailableException("store " + link.plan().store() + ": " + why);
    }

    @Override
    public String toString() {
        return node.toString();
    }
}
