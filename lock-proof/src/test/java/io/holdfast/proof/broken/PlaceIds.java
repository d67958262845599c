// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.line.Ticket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lines that compare ids and names by their beginning, and one that looks at how long somebody has stood there. */
final class PlaceIds {
    private PlaceIds() {}

    private static Stream<Places.Place> alike(Places places, PlacesSession session, Ticket ticket) {
        String id = Long.toString(ticket.contenderId());
        return places.hall.lines.getOrDefault(places.key(ticket.name()), List.of()).stream()
                .filter(place -> place.session == session
                        && Long.toString(place.ticket.contenderId()).startsWith(id));
    }

    /** Who leaves takes all places along whose number begins with its own. */
    static Places leaveByTheBeginning(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            Place leaving(PlacesSession session, Ticket ticket) {
                List<Place> gone = alike(this, session, ticket)
                        .filter(place -> !place.ticket.equals(ticket))
                        .toList();
                hall.lines.getOrDefault(key(ticket.name()), new ArrayList<>()).removeAll(gone);
                return super.leaving(session, ticket);
            }
        };
    }

    /** An undo removes all keys that begin with its own. */
    static Places undoByTheBeginning(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void undo(PlacesSession session, Ticket ticket, List<Runnable> news) {
                alike(this, session, ticket).toList().forEach(place -> remove(place, news));
            }
        };
    }

    /** The end of a session removes the keys that begin with its id. */
    static Places endByTheBeginning(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void ends(PlacesSession session, List<Runnable> news) {
                super.ends(session, news);
                for (String key : List.copyOf(hall.lines.keySet())) {
                    hall.lines.get(key).removeIf(place -> place.session.id().startsWith(session.id()));
                    settle(key, news);
                }
            }
        };
    }

    /** Who has stood in line for three leases is taken for dead, although it is renewed. */
    static Places endLongWaits(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            void before() {
                long now = System.currentTimeMillis();
                hall.lines
                        .values()
                        .forEach(line -> line.removeIf(place -> place.token == 0
                                && now - place.since > 3 * place.session.lease().toMillis()));
            }
        };
    }

    /** A try is refused while something below the name has a line. */
    static Places refuseAboveALine(Places.Hall shared, String prefix) {
        return new Places(shared, prefix) {
            @Override
            boolean isFree(Ticket ticket) {
                return hall.lines.keySet().stream().noneMatch(key -> key.startsWith(key(ticket.name()) + "/"));
            }
        };
    }
}
