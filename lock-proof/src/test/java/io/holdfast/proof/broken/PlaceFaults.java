// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.line.Ticket;
import java.util.List;

/** Lines that take one place for another. */
final class PlaceFaults {
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
}
