// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Lines that know a copy of a request by what the request made, and not when that is gone. */
final class PlaceCopies {
    private PlaceCopies() {}

    /** An undo removes what it finds, and marks nothing. */
    static Places undoWithoutAMark(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void undo(PlacesSession session, Ticket ticket, List<Runnable> news) {
                super.undo(session, ticket, news);
                session.forget(ticket);
            }
        };
    }

    /** An undo that finds nothing marks nothing. */
    static Places undoNothingWithoutAMark(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void undo(PlacesSession session, Ticket ticket, List<Runnable> news) {
                boolean found = session.place(ticket) != null;
                super.undo(session, ticket, news);
                if (!found) {
                    session.forget(ticket);
                }
            }
        };
    }

    /** Who waits and leaves the line is forgotten. */
    static Places leaveAWaitWithoutAMark(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            Place leaving(PlacesSession session, Ticket ticket) {
                Place place = super.leaving(session, ticket);
                if (place != null && place.token == 0) {
                    session.forget(ticket);
                }
                return place;
            }
        };
    }

    /** A copy of a request is known by its place, and not after its release. */
    static Places releaseWithoutAMark(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events).thenApply(session -> new BrokenLineSession(session) {
                    @Override
                    public CompletionStage<Boolean> release(Held held) {
                        return super.release(held).thenApply(done -> {
                            step(news -> {
                                ((PlacesSession) session).forget(held.ticket());
                                return true;
                            });
                            return done;
                        });
                    }
                });
            }
        };
    }

    /** A request that comes twice waits twice. */
    static Places waitTwice(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean isCopy(PlacesSession session, Ticket ticket, boolean known) {
                Place place = session.place(ticket);
                return known && (place == null || place.token != 0);
            }
        };
    }
}
