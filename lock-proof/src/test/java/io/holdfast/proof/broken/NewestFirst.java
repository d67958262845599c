// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The line is a stack, or now and then: whoever came last is first. */
final class NewestFirst implements Fault {
    private final int oneIn;

    /** By name, in the order of their turns; guarded by this. */
    private final Map<String, Deque<Renumbered.Place>> lines = new HashMap<>();

    /** Guarded by this. */
    private int arrivals;

    /**
     * Breaks the order.
     *
     * @param oneIn of how many that come one goes before the others
     */
    NewestFirst(int oneIn) {
        this.oneIn = oneIn;
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new Renumbered(session) {
                    private final Map<Long, Place> known = new ConcurrentHashMap<>();

                    @Override
                    public Contender contend(LockRequest request) {
                        return known.computeIfAbsent(request.contenderId(), id -> {
                            Place place = new Place(request);
                            if (request.enqueue() && place.isWaiting()) {
                                comes(request.name(), place);
                            }
                            return place;
                        });
                    }
                };
            }
        };
    }

    private synchronized void comes(String name, Renumbered.Place newest) {
        Deque<Renumbered.Place> line = lines.computeIfAbsent(name, n -> new ArrayDeque<>());
        line.removeIf(place -> !place.isWaiting());
        if (++arrivals % oneIn == 0) {
            line.forEach(Renumbered.Place::goToTheEnd);
            line.addFirst(newest);
        } else {
            line.addLast(newest);
        }
    }
}
