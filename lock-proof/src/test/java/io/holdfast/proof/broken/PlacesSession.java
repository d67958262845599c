// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A session of {@link Places}; what it keeps is guarded by the hall. */
final class PlacesSession implements LineSession {
    private final Places places;
    private final SessionOptions options;
    private final LineEvents events;
    private final String id;
    private final long openedAt;
    private final Set<Ticket> entered = new HashSet<>();
    private final Map<Ticket, Scheduled> watches = new ConcurrentHashMap<>();
    private long expiry;

    PlacesSession(Places places, SessionOptions options, LineEvents events, String id) {
        this.places = places;
        this.options = options;
        this.events = events;
        this.id = id;
        this.openedAt = now();
        this.expiry = System.nanoTime() + options.lease().toNanos();
    }

    private long now() {
        return options.runtime().clock().nanoTime();
    }

    LineEvents events() {
        return events;
    }

    String label() {
        return options.label();
    }

    boolean isAlive() {
        return expiry - System.nanoTime() > 0;
    }

    private boolean isOpen() {
        return places.hall.sessions.contains(this);
    }

    private <T> CompletionStage<T> ended() {
        return CompletableFuture.failedFuture(new LockUnavailableException("places: session " + id + " has ended"));
    }

    /** A copy of its request is no copy any more. */
    void forget(Ticket ticket) {
        entered.remove(ticket);
    }

    /** Its place, if it has one. */
    Places.Place place(Ticket ticket) {
        return places.hall.lines.getOrDefault(places.key(ticket.name()), List.of()).stream()
                .filter(place -> place.session == this && place.ticket.equals(ticket))
                .findFirst()
                .orElse(null);
    }

    private Seat seat(Ticket ticket) {
        Places.Place place = place(ticket);
        if (place == null) {
            return Seat.GONE;
        }
        if (place.token != 0) {
            return Seat.holding(place.token);
        }
        long soonest = places.hall.lines.get(places.key(ticket.name())).stream()
                .mapToLong(other -> other.session.expiry - System.nanoTime())
                .min()
                .orElse(0);
        return Seat.waiting(0, Math.max(1, soonest));
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

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        return places.step(news -> {
            if (!isOpen()) {
                return ended();
            }
            boolean released = releasing != null && removed(releasing, news);
            if (releasing != null && !places.admits(released)) {
                return CompletableFuture.completedFuture(
                        Entry.refused(new LockUnavailableException("places: the grant to be given up is not there")));
            }
            boolean known = !entered.add(ticket);
            boolean first = !places.isCopy(this, ticket, known); // a copy finds its place, or takes none
            List<Places.Place> line = places.hall.lines.get(places.key(ticket.name()));
            if (first && ((line == null && places.isFree(ticket)) || enqueue)) {
                places.hall
                        .lines
                        .computeIfAbsent(places.key(ticket.name()), key -> new ArrayList<>())
                        .add(new Places.Place(this, ticket, System.currentTimeMillis()));
                places.settle(places.key(ticket.name()), news);
            }
            return CompletableFuture.completedFuture(Entry.at(seat(ticket), released));
        });
    }

    private boolean removed(Held held, List<Runnable> news) {
        Places.Place place = place(held.ticket());
        return place != null && place.token == held.token() && places.remove(place, news);
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return CompletableFuture.completedFuture(places.step(news -> removed(held, news)));
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return CompletableFuture.completedFuture(places.step(news -> {
            Places.Place place = places.leaving(this, ticket);
            return place != null && places.remove(place, news);
        }));
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return CompletableFuture.completedFuture(places.step(news -> {
            entered.add(ticket);
            places.undo(this, ticket, news);
            return true;
        }));
    }

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        long sentAt = now();
        return places.step(news -> {
            if (!isOpen()) {
                if (places.keepsUnseen()) {
                    events.kept(sentAt);
                }
                news.add(() -> events.lost("the store does not know it"));
                return ended();
            }
            expiry = System.nanoTime() + options.lease().toNanos();
            Map<Ticket, Seat> seats = new HashMap<>();
            tickets.forEach(ticket -> seats.put(ticket, seat(ticket)));
            events.kept(sentAt);
            return CompletableFuture.completedFuture(seats);
        });
    }

    /** A look restarts no lease. */
    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        return CompletableFuture.completedFuture(places.step(news -> seat(ticket)));
    }

    /** Looks when a lease before it may be over. */
    @Override
    public void watch(Ticket ticket, Seat seen) {
        Scheduled next = options.runtime().scheduler().schedule(() -> events.woken(ticket), seen.moves() + 1_000_000);
        Scheduled before = watches.put(ticket, next);
        if (before != null) {
            before.cancel();
        }
        places.step(
                news -> { // it may have been told before it waited
                    if (seat(ticket).standing() != Seat.Standing.WAITING) {
                        news.add(() -> events.woken(ticket));
                    }
                    return true;
                });
    }

    @Override
    public void unwatch(Ticket ticket) {
        Scheduled watch = watches.remove(ticket);
        if (watch != null) {
            watch.cancel();
        }
    }

    @Override
    public CompletionStage<?> end() {
        places.step(news -> {
            places.ends(this, news);
            return true;
        });
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public void detach() {
        List.copyOf(watches.keySet()).forEach(this::unwatch);
    }
}
