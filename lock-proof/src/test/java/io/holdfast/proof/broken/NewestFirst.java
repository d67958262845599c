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
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The line is a stack: whoever came last is first. */
final class NewestFirst implements Fault {
    /** By name, the newest first; guarded by this. */
    private final Map<String, Deque<Renumbered.Place>> lines = new HashMap<>();

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
                                goBefore(request.name(), place);
                            }
                            return place;
                        });
                    }
                };
            }
        };
    }

    private synchronized void goBefore(String name, Renumbered.Place newest) {
        Deque<Renumbered.Place> line = lines.computeIfAbsent(name, n -> new ArrayDeque<>());
        line.removeIf(place -> !place.isWaiting());
        for (Iterator<Renumbered.Place> older = line.iterator(); older.hasNext(); ) {
            older.next().goToTheEnd();
        }
        line.addFirst(newest);
    }
}
