// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A lock client's contenders in one session of the ensemble. */
final class ZooKeeperSession implements LineSession {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ZooKeeperLine line;
    private final Link link;
    private final SessionOptions options;
    private final LineEvents events;
    private final long openedAt;
    private final long mark = RANDOM.nextLong();
    private final Map<Ticket, ZooKeeperContender> contenders = new ConcurrentHashMap<>();
    private volatile boolean over;

    /** Guarded by this. */
    private @Nullable CompletionStage<@Nullable Void> left;

    ZooKeeperSession(ZooKeeperLine line, Link link, SessionOptions options, LineEvents events) {
        this.line = line;
        this.link = link;
        this.options = options;
        this.events = events;
        this.openedAt = link.basis();
    }

    @Override
    public String id() {
        return link.id();
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    /** Where others have opened the session of the ensemble, when it was renewed for this one. */
    @Override
    public long openedAt() {
        return openedAt;
    }

    Link link() {
        return link;
    }

    String label() {
        return options.label();
    }

    /** What a contender's node holds: since when it contends, by our clock, and for whom. */
    String inscription() {
        return Inscription.write(options.runtime().clock().wallMillis(), options.label());
    }

    // ---- contenders

    /** Sends the release of the grant that is given up, and the request: one flight. */
    @Override
    public CompletionStage<Entry> enter(
            Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
        ZooKeeperContender contender = new ZooKeeperContender(this, ticket, LockPaths.mark(mark, ticket.contenderId()));
        contenders.put(
                ticket,
                contender); // before it is asked whether this is over: who ends it finds this one, or it sees that
        unwanted.thenRun(contender::giveUp);
        CompletionStage<Entry> given = releasing == null
                ? CompletableFuture.completedFuture(Entry.at(Seat.GONE, false))
                : release(releasing).handle(this::givenUp);
        return link.requests()
                .limit(contender.enter(enqueue).thenCombine(given, ZooKeeperSession::together), "contend");
    }

    private Entry givenUp(@Nullable Boolean was, @Nullable Throwable failure) {
        return was == null ? Entry.undecided(link.plan().failures().of(failure, "release")) : Entry.at(Seat.GONE, was);
    }

    private static Entry together(Entry entry, Entry given) {
        if (entry.failure() != null) {
            return entry;
        }
        return given.failure() != null ? given : Entry.at(entry.seat(), given.released());
    }

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        ZooKeeperContender contender = contenders.get(ticket);
        return contender == null ? CompletableFuture.completedFuture(Seat.GONE) : contender.look();
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        ZooKeeperContender contender = contenders.get(ticket);
        if (contender != null) {
            contender.watch();
        }
    }

    @Override
    public void unwatch(Ticket ticket) {
        ZooKeeperContender contender = contenders.get(ticket);
        if (contender != null) {
            contender.unwatch();
        }
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        ZooKeeperContender contender = contenders.get(held.ticket());
        return contender == null ? CompletableFuture.completedFuture(false) : contender.release();
    }

    /** What its request became is known to the contender, so that both are one: its path is its own alone. */
    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return undo(ticket);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        ZooKeeperContender contender = contenders.get(ticket);
        return contender == null ? CompletableFuture.completedFuture(true) : contender.remove();
    }

    // ---- what a contender says

    void woken(ZooKeeperContender contender) {
        events.woken(contender.ticket());
    }

    void gone(ZooKeeperContender contender, long token, String why) {
        forget(contender);
        events.gone(contender.ticket(), token, why);
    }

    /** It is not in the ensemble, and nothing of it will come. */
    void forget(ZooKeeperContender contender) {
        contender.giveUp();
        contenders.remove(contender.ticket(), contender);
    }

    // ---- the session itself

    /** Looks at the contenders first and writes last: answers come in order. */
    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        List<ZooKeeperContender> named =
                tickets.stream().map(contenders::get).filter(Objects::nonNull).toList();
        Map<Ticket, Seat> seats = new ConcurrentHashMap<>();
        // With a write that others of the session have sent there is no such order: the looks are awaited, too.
        CompletableFuture<?> looked =
                link.isConnected() ? looks(named, seats) : CompletableFuture.completedFuture(null);
        return link.renew(lease()).thenCombine(looked, (sentAt, seen) -> {
            Map<Ticket, Seat> all = new HashMap<>(seats);
            named.stream().filter(ZooKeeperContender::isGone).forEach(one -> all.put(one.ticket(), Seat.GONE));
            return all;
        });
    }

    /** Never fails: a look that failed is repeated at the next renewal. */
    private CompletableFuture<?> looks(List<ZooKeeperContender> named, Map<Ticket, Seat> seats) {
        CompletableFuture<?>[] all = named.stream()
                .map(contender -> contender.check().thenAccept(seat -> {
                    if (seat != null) {
                        seats.put(contender.ticket(), seat);
                    }
                }))
                .toArray(CompletableFuture[]::new);
        return link.requests()
                .limit(CompletableFuture.allOf(all), "look", lease().dividedBy(2))
                .handle((seen, failure) -> null);
    }

    void reconnected() {
        contenders.values().forEach(ZooKeeperContender::reconnected);
    }

    /** The session is proven to have lived from then on. */
    void kept(long basis) {
        events.kept(basis);
    }

    /** Whether nothing is held or waited for; what is being undone goes with the session, too. */
    boolean isIdle() {
        return contenders.values().stream().noneMatch(ZooKeeperContender::isOfUse);
    }

    void suspended(String why) {
        events.suspect(why);
    }

    /** What its contenders have goes with the session. */
    void lost(String why) {
        events.lost(why);
        List.copyOf(contenders.values()).forEach(this::forget);
    }

    /** It is closed for that, and its contenders go then: the session in the ensemble lives on for the time being. */
    void shortened(Duration agreed) {
        events.lost("the servers have shortened the session to " + DurationFormat.show(agreed) + ", and the lease is "
                + DurationFormat.show(lease()) + ": their maxSessionTimeout or tickTime was lowered");
    }

    // ---- the end

    boolean isOver() {
        return over;
    }

    /** With a link of its own the session in the ensemble ends; on a shared one every contender goes by itself. */
    @Override
    public CompletionStage<?> end() {
        over = true;
        if (!link.plan().isShared() || link.isLost()) {
            contenders.values().forEach(ZooKeeperContender::giveUp);
            return leave();
        }
        CompletableFuture<?>[] gone = contenders.values().stream()
                .map(contender -> contender.remove().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(gone).handle((done, failure) -> failure).thenCompose(failure -> {
            if (failure != null) {
                // Nobody may ask again, and the ensemble keeps a session that others use.
                link.leaveBehind(List.copyOf(contenders.values()));
            }
            CompletionStage<@Nullable Void> last = leave();
            return failure == null ? last : last.thenCompose(done -> CompletableFuture.failedFuture(failure));
        });
    }

    /** Once: who asks again hears what became of it. */
    private synchronized CompletionStage<@Nullable Void> leave() {
        if (left == null) {
            left = line.left(this);
        }
        return link.requests().limit(left, "close");
    }

    /** The connection is the session's own, or others share it: either way it is left as at the session's end. */
    @Override
    public void detach() {
        if (!over) {
            end();
        }
    }

    @Override
    public String toString() {
        return id() + " (" + options.label() + ")";
    }
}
