// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Lines in which what is one contender's news wakes others. */
final class PlaceHerds {
    private PlaceHerds() {}

    private static void wakeAll(List<Places.Place> line, List<Runnable> news) {
        line.forEach(place -> news.add(() -> place.session.events().woken(place.ticket)));
    }

    /** All who wait watch the holder. */
    static Places wakeTheWholeLine(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean remove(Place place, List<Runnable> news) {
                boolean removed = super.remove(place, news);
                wakeAll(hall.lines.getOrDefault(key(place.ticket.name()), List.of()), news);
                return removed;
            }
        };
    }

    /** All who wait watch the line, where whoever leaves is seen. */
    static Places wakeAllWhenAWaiterLeaves(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean remove(Place place, List<Runnable> news) {
                boolean removed = super.remove(place, news);
                if (place.token == 0) {
                    wakeAll(hall.lines.getOrDefault(key(place.ticket.name()), List.of()), news);
                }
                return removed;
            }
        };
    }

    /** A forced release is told to all. */
    static Places wakeAllWhenForced(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            public CompletionStage<ForceOutcome> forceRelease(
                    String name, OptionalLong storeToken, LockRuntime limits) {
                return super.forceRelease(name, storeToken, limits)
                        .thenApply(outcome -> step(news -> {
                            wakeAll(hall.lines.getOrDefault(key(name), List.of()), news);
                            return outcome;
                        }));
            }
        };
    }

    /** The end of a session is told to all who wait for anything. */
    static Places wakeAllWhenASessionEnds(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void ends(PlacesSession session, List<Runnable> news) {
                super.ends(session, news);
                hall.lines.values().forEach(line -> wakeAll(line, news));
            }
        };
    }

    /** Who comes wakes those who wait already. */
    static Places wakeAllWhenOneComes(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean isCopy(PlacesSession session, Ticket ticket, boolean known) {
                step(news -> {
                    wakeAll(hall.lines.getOrDefault(key(ticket.name()), List.of()), news);
                    return true;
                });
                return known;
            }
        };
    }

    /** A release wakes who waits for any name. */
    static Places wakeWhoWaitsForAnything(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean remove(Place place, List<Runnable> news) {
                boolean removed = super.remove(place, news);
                hall.lines.forEach((key, line) -> {
                    if (!key.equals(key(place.ticket.name()))) {
                        wakeAll(line, news);
                    }
                });
                return removed;
            }
        };
    }
}
