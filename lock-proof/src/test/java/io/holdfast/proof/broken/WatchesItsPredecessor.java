// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A waiter of which nothing is left in the store takes the end of the one before it for its turn. */
final class WatchesItsPredecessor extends BrokenLineSession {
    private static final long LOOK_NANOS = 5_000_000;

    private final Places places;
    private final SessionOptions options;
    private final LineEvents events;
    private final Map<Ticket, Places.Place> before = new ConcurrentHashMap<>();

    WatchesItsPredecessor(Places places, LineSession sound, SessionOptions options, LineEvents events) {
        super(sound);
        this.places = places;
        this.options = options;
        this.events = events;
    }

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        return super.enter(ticket, enqueue, releasing, unwanted).thenApply(entry -> {
            if (entry.seat().standing() == Seat.Standing.WAITING) {
                Places.Place predecessor = places.step(news -> predecessor(ticket));
                if (predecessor != null) {
                    before.put(ticket, predecessor);
                    look(ticket, predecessor);
                }
            }
            return entry;
        });
    }

    private List<Places.Place> line(Ticket ticket) {
        return places.hall.lines.getOrDefault(places.key(ticket.name()), List.of());
    }

    private Places.Place predecessor(Ticket ticket) {
        Places.Place last = null;
        for (Places.Place place : line(ticket)) {
            if (place.ticket.equals(ticket) && place.session.id().equals(id())) {
                return last;
            }
            last = place;
        }
        return null;
    }

    private void look(Ticket ticket, Places.Place predecessor) {
        if (places.step(news -> line(ticket).contains(predecessor))) {
            options.runtime().scheduler().schedule(() -> look(ticket, predecessor), LOOK_NANOS);
        } else {
            events.woken(ticket);
        }
    }

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        return super.look(ticket).thenApply(seat -> {
            Places.Place predecessor = before.get(ticket);
            if (seat.standing() != Seat.Standing.GONE || predecessor == null) {
                return seat;
            }
            return places.step(news -> line(ticket).contains(predecessor)
                    ? Seat.waiting(0, lease().toNanos())
                    : Seat.holding(++places.hall.lastToken));
        });
    }
}
