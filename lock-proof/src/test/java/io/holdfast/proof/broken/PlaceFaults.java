// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lines that take one place for another. */
final class PlaceFaults {
    /** How many places of a line are read at once. */
    private static final int PAGE = 32;

    private PlaceFaults() {}

    /** The undo of a request is by session and name, not by what the request made. */
    static Places undoWhateverTheSessionHas(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void undo(PlacesSession session, Ticket ticket, List<Runnable> news) {
                List.copyOf(hall.lines.getOrDefault(key(ticket.name()), List.of())).stream()
                        .filter(place -> place.session == session)
                        .forEach(place -> remove(place, news));
            }
        };
    }

    /** A release wakes its own client first, if that has come back meanwhile. */
    static Places wakeTheirOwnFirst(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean remove(Place place, List<Runnable> news) {
                List<Place> line = hall.lines.getOrDefault(key(place.ticket.name()), List.of());
                line.stream()
                        .filter(other -> other != place && other.session == place.session && place.token != 0)
                        .findFirst()
                        .ifPresent(own -> {
                            line.remove(own);
                            line.add(1, own);
                        });
                return super.remove(place, news);
            }
        };
    }

    /** A transaction: give the one up and take the other, or neither. */
    static Places doBothOrNothing(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean admits(boolean released) {
                return released;
            }
        };
    }

    /** Who leaves is known by its session and the name. */
    static Places leaveTheFirst(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            Place leaving(PlacesSession session, Ticket ticket) {
                return hall.lines.getOrDefault(key(ticket.name()), List.of()).stream()
                        .filter(place -> place.session == session)
                        .findFirst()
                        .orElse(null);
            }
        };
    }

    /** A renewal that was sent counts, whatever the store says to it. */
    static Places countWhatFailed(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean keepsUnseen() {
                return true;
            }
        };
    }

    /** Who gives its grant up for a place is the next one after whoever holds then. */
    static Places letWhoGivesUpBeNext(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events).thenApply(session -> new BrokenLineSession(session) {
                    @Override
                    public CompletionStage<Entry> enter(
                            Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
                        return super.enter(ticket, enqueue, releasing, unwanted).thenApply(entry -> {
                            if (releasing != null) {
                                step(news -> moved(ticket));
                            }
                            return entry;
                        });
                    }
                });
            }

            private boolean moved(Ticket ticket) {
                List<Place> line = hall.lines.getOrDefault(key(ticket.name()), List.of());
                if (line.size() > 2) {
                    line.add(1, line.remove(line.size() - 1));
                }
                return true;
            }
        };
    }

    /** A line is read by one page. */
    static Places haveRoomForAPage(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events).thenApply(session -> new BrokenLineSession(session) {
                    @Override
                    public CompletionStage<Entry> enter(
                            Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
                        return step(news -> isFull(ticket))
                                ? CompletableFuture.completedFuture(
                                        Entry.refused(new LockUnavailableException("places: not found in the line")))
                                : super.enter(ticket, enqueue, releasing, unwanted);
                    }
                });
            }

            private boolean isFull(Ticket ticket) {
                return hall.lines.getOrDefault(key(ticket.name()), List.of()).size() >= PAGE;
            }
        };
    }
}
