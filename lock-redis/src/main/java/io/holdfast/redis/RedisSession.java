// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockUnavailableException;
import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What Redis answers to one client. It knows no sessions: each contender has a lease of its own there, under an id that begins with
 * the session's.
 */
final class RedisSession implements LineSession {
    /** What failed within this share of a lease is asked once more in the same round. */
    private static final int SOON_SHARE = 10;

    private static final Scheduled NONE = () -> {};
    private static final SecureRandom RANDOM = new SecureRandom();

    private final RedisLine line;
    private final SessionOptions options;
    private final LineEvents events;
    private final WakeUps wakeUps;
    private final String id;
    private final long openedAt;
    private final String retention;
    private final Requests renewals;
    private final RenewalConnections connections;

    /** Those that wait, and when they look for themselves. */
    private final Map<Ticket, Scheduled> looks = new ConcurrentHashMap<>();

    /** The highest id of a contender that was sent. */
    private final AtomicLong newest = new AtomicLong(-1);

    /** What that was when the subscription was made last, and which one that is. */
    private final AtomicLong newestThen = new AtomicLong(-1);

    private final AtomicInteger subscription = new AtomicInteger();

    RedisSession(RedisLine line, SessionOptions options, LineEvents events, WakeUps wakeUps) {
        this.line = line;
        this.options = options;
        this.events = events;
        this.wakeUps = wakeUps;
        this.openedAt = now();
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        this.id = HexFormat.of().formatHex(random);
        this.retention = Long.toString(line.settings().tokenRetention().toMillis());
        this.renewals = line.renewals(options.lease());
        this.connections = line.connections(renewals, options);
        wakeUps.add(this);
        subscription.accumulateAndGet(wakeUps.subscriptions(), Math::max); // after it: one made anew meanwhile tells us
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    @Override
    public long openedAt() {
        return openedAt;
    }

    long now() {
        return options.runtime().clock().nanoTime();
    }

    // ---- one contender

    @Override
    public CompletionStage<Entry> enter(
            Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
        newest.accumulateAndGet(ticket.contenderId(), Math::max); // before it is sent, and with it its messages
        String contender = idOf(ticket);
        return send(
                        Script.CONTEND,
                        keysOf(ticket),
                        contender,
                        retention,
                        micros(options.lease()),
                        Long.toString(options.runtime().clock().wallMillis()),
                        wakeUps.channel(),
                        wakeUps.secretOf(contender),
                        options.label(),
                        enqueue ? "1" : "0",
                        releasing == null ? "" : idOf(releasing.ticket()),
                        releasing == null ? "" : Long.toString(releasing.token()))
                .thenApply(answer -> {
                    Reply reply = Reply.parse(answer);
                    if (reply.is("undone")) {
                        throw new LockUnavailableException(ticket + " had been given up");
                    }
                    return Entry.at(reply.seat(), reply.released());
                });
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return release(keysOf(held.ticket()), idOf(held.ticket()), held.token());
    }

    private CompletableFuture<Boolean> release(LockKeys keys, String contender, long token) {
        return send(Script.RELEASE, keys, contender, retention, Long.toString(token))
                .thenApply("1"::equals);
    }

    /** Gives back a grant that nobody owns, of whatever session of this process. Not repeated: it ends with its lease. */
    CompletableFuture<Boolean> giveBack(WakeUp told) {
        return release(told.keys(), told.contender(), told.token());
    }

    /** Whether it waits or holds is the same to the script. */
    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return withdraw(ticket, "0");
    }

    /** A mark in the store refuses copies of the entry that are still on their way, for as long as a lease. */
    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return withdraw(ticket, micros(options.lease()));
    }

    private CompletionStage<String> withdraw(Ticket ticket, String refused) {
        return send(Script.WITHDRAW, keysOf(ticket), idOf(ticket), retention, refused);
    }

    // ---- renewals and looks

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> asked) {
        // Each round begins elsewhere: what ends a connection in the middle
        // of every round must not end it before the same ones (KE-2).
        List<Ticket> named = new ArrayList<>(asked);
        Collections.rotate(named, ThreadLocalRandom.current().nextInt(Math.max(1, named.size())));
        long sentAt = now();
        return new RenewalRound(
                        requests -> renewals.sendTogether(requests, connections::next, options.runtime()),
                        ticket -> new Request(Script.RENEW, keysOf(ticket), List.of(idOf(ticket), retention)))
                .send(named, () -> now() - sentAt < options.lease().toNanos() / SOON_SHARE);
    }

    /** Plans a look, a poll interval or more from now, for a message that is lost or a death before it; unless a renewal comes first. */
    @Override
    public void watch(Ticket ticket, Seat seen) {
        long nanos = Math.max(line.settings().pollInterval().toNanos(), seen.moves());
        stop(looks.put(
                ticket,
                nanos > options.lease().toNanos() / 3
                        ? NONE
                        : options.runtime().scheduler().schedule(() -> events.woken(ticket), nanos)));
    }

    @Override
    public void unwatch(Ticket ticket) {
        stop(looks.remove(ticket));
    }

    private static void stop(@Nullable Scheduled look) {
        if (look != null) {
            look.cancel();
        }
    }

    // ---- messages

    /**
     * The subscription was made anew: a message may have been lost for any that was sent before.
     *
     * @param count how often it has been made by now
     */
    void subscribedAnew(int count) {
        // In this order: who sees the subscription must see who is older than it.
        newestThen.accumulateAndGet(newest.get(), Math::max);
        subscription.accumulateAndGet(count, Math::max);
        looks.keySet().forEach(events::woken);
    }

    /** Whether no message to a contender can have been lost: it is younger than the subscription that is in force. */
    private boolean hasHeardAll(long contenderId) {
        return subscription.get() == wakeUps.subscriptions() && contenderId > newestThen.get();
    }

    /**
     * A message of ours: a contender was granted the lock, or lost it by force.
     *
     * @param inOrder whether messages come in the order in which they were sent
     * @return false when no contender of this session is meant
     */
    boolean told(WakeUp said, boolean inOrder) {
        Optional<String> name = said.keys().name(line.settings().prefix());
        if (name.isEmpty()) {
            return false;
        }
        Ticket ticket = new Ticket(name.get(), said.number());
        if (said.forced()) {
            events.gone(ticket, said.token(), "it was released by force");
            return true;
        }
        if (inOrder && hasHeardAll(said.number())) {
            return events.granted(ticket, said.token());
        }
        // It may have been forced open since, and that message was lost: a copy of this one can come at any time.
        return events.woken(ticket);
    }

    // ---- the end

    /** Redis keeps no session, so there is none to end. */
    @Override
    public CompletionStage<?> end() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void detach() {
        wakeUps.remove(this);
        wakeUps.leave();
        connections.close();
        looks.values().forEach(Scheduled::cancel);
        looks.clear();
    }

    private CompletableFuture<String> send(Script script, LockKeys keys, Object... arguments) {
        return line.requests().send(new Request(script, keys, List.of(arguments)), options.runtime());
    }

    private LockKeys keysOf(Ticket ticket) {
        return LockKeys.of(line.settings().prefix(), ticket.name());
    }

    private String idOf(Ticket ticket) {
        return id + "." + ticket.contenderId();
    }

    private static String micros(Duration duration) {
        return Long.toString(TimeUnit.NANOSECONDS.toMicros(duration.toNanos()));
    }

    @Override
    public String toString() {
        return id + " (" + options.label() + ")";
    }
}
