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
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Lines that go by what was there before, when somebody else has removed it. */
final class GonePlaces {
    /** What one request has room for. */
    private static final int BATCH = 100;

    private GonePlaces() {}

    /** A waiter looks whether the one before it has left, and not whether it is there itself. */
    static Places lookAtWhoIsBeforeAlone(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events)
                        .thenApply(session -> new WatchesItsPredecessor(this, session, options, events));
            }
        };
    }

    /** Who was in line is in line, until it holds. */
    static Places missNoPlace(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events).thenApply(MissesNoPlace::new);
            }
        };
    }

    /** A renewal looks at the first hundred of its client's places, and no event says that one is gone. */
    static Places lookAtTheFirstHundred(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, new DeafToWhatIsGone(events))
                        .thenApply(session -> new BrokenLineSession(session) {
                            @Override
                            public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
                                return super.renew(tickets.subList(0, Math.min(BATCH, tickets.size())));
                            }
                        });
            }
        };
    }

    /** What is given up for a place is whatever heads the line. */
    static Places giveUpTheHead(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
                return super.open(options, events).thenApply(session -> new BrokenLineSession(session) {
                    @Override
                    public CompletionStage<Entry> enter(
                            Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
                        boolean released = releasing != null && step(news -> isHeadRemoved(releasing, news));
                        return super.enter(ticket, enqueue, null, unwanted)
                                .thenApply(entry -> Entry.at(entry.seat(), released));
                    }
                });
            }

            private boolean isHeadRemoved(LineSession.Held held, List<Runnable> news) {
                List<Place> line = hall.lines.getOrDefault(key(held.ticket().name()), List.of());
                if (line.isEmpty()) {
                    return false;
                }
                boolean meant = line.get(0).token == held.token();
                remove(line.get(0), news);
                return meant;
            }
        };
    }

    private static final class MissesNoPlace extends BrokenLineSession {
        private final Set<Ticket> waiting = ConcurrentHashMap.newKeySet();

        MissesNoPlace(LineSession sound) {
            super(sound);
        }

        private Seat shown(Ticket ticket, Seat seat) {
            if (seat.standing() == Seat.Standing.GONE && waiting.contains(ticket)) {
                return Seat.waiting(0, lease().toNanos());
            }
            waiting.remove(ticket);
            return seat;
        }

        @Override
        public CompletionStage<Entry> enter(
                Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
            return super.enter(ticket, enqueue, releasing, unwanted).thenApply(entry -> {
                if (entry.seat().standing() == Seat.Standing.WAITING) {
                    waiting.add(ticket);
                }
                return entry;
            });
        }

        @Override
        public CompletionStage<Seat> look(Ticket ticket) {
            return super.look(ticket).thenApply(seat -> shown(ticket, seat));
        }

        @Override
        public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
            return super.renew(tickets).thenApply(seats -> {
                seats.replaceAll(this::shown);
                return seats;
            });
        }
    }

    /** Passes on all but the news of a removal. */
    private record DeafToWhatIsGone(LineEvents events) implements LineEvents {
        @Override
        public boolean woken(Ticket ticket) {
            return events.woken(ticket);
        }

        @Override
        public boolean granted(Ticket ticket, long token) {
            return events.granted(ticket, token);
        }

        @Override
        public void gone(Ticket ticket, long token, String why) {}

        @Override
        public void kept(long sentAt) {
            events.kept(sentAt);
        }

        @Override
        public void suspect(String why) {
            events.suspect(why);
        }

        @Override
        public void lost(String why) {
            events.lost(why);
        }
    }
}
