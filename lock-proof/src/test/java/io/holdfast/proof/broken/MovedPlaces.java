// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A line in which places do not stay where they were taken. */
final class MovedPlaces implements Fault {
    /** What moves them. */
    enum By {
        /** A renewal writes a place's score anew, which is the time. */
        A_RENEWAL,
        /** Places are sorted by their numbers as text, in which 10 comes before 9. */
        NUMBERS_AS_TEXT
    }

    private final By by;

    /** By name, in the order of their turns; guarded by this. */
    private final Map<String, List<Numbered>> lines = new HashMap<>();

    /** By name; guarded by this. */
    private final Map<String, Integer> arrivals = new HashMap<>();

    MovedPlaces(By by) {
        this.by = by;
    }

    private record Numbered(String number, Renumbered.Place place) {}

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new Session(session);
            }
        };
    }

    private final class Session extends Renumbered {
        private final Map<Long, Place> known = new ConcurrentHashMap<>();

        Session(LockSession sound) {
            super(sound);
        }

        @Override
        public Contender contend(LockRequest request) {
            return known.computeIfAbsent(request.contenderId(), id -> {
                Place place = new Place(request);
                if (request.enqueue() && by == By.NUMBERS_AS_TEXT) {
                    comes(request.name(), place);
                }
                return place;
            });
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            return super.renew(contenders).whenComplete((renewal, failure) -> {
                if (by == By.A_RENEWAL) {
                    contenders.stream()
                            .map(Place.class::cast)
                            .filter(Place::isWaiting)
                            .forEach(Place::goToTheEnd);
                }
            });
        }
    }

    private synchronized void comes(String name, Renumbered.Place newest) {
        List<Numbered> line = lines.computeIfAbsent(name, n -> new ArrayList<>());
        line.removeIf(each -> !each.place().isWaiting());
        String number = Integer.toString(arrivals.merge(name, 1, Integer::sum));
        if (!newest.isWaiting()) {
            return;
        }
        List<Numbered> behind = line.stream()
                .filter(each -> each.number().compareTo(number) > 0)
                .toList();
        behind.forEach(each -> each.place().goToTheEnd());
        line.removeAll(behind);
        line.add(new Numbered(number, newest));
        line.addAll(behind);
    }
}
