// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which grants that nobody owns are given back: each once, a few at a time, and a few in a second.
 *
 * <p>A message that told of such a grant is genuine, but anybody may have kept it and send it again, with any number of others. What
 * was given back is remembered for a while only, so without a limit to the rate a thousand old messages sent in turn would become as
 * many requests as the server answers (rule SP-8). What is refused ends with its lease. Thread-safe.
 */
final class GoingBack {
    static final int MOST_AT_ONCE = 16;
    static final int MOST_IN_A_SECOND = 16;
    private static final int REMEMBERED = 1024;
    private static final long SECOND = 1_000_000_000;

    private final Set<WakeUp> before = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<WakeUp, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });
    private final Deque<Long> lastSecond = new ArrayDeque<>();
    private int underWay;

    /**
     * Whether to give a grant back now; then {@link #done} follows.
     *
     * @param now on the monotonic clock, in nanoseconds
     */
    synchronized boolean begins(WakeUp told, long now) {
        while (!lastSecond.isEmpty() && now - lastSecond.getFirst() >= SECOND) {
            lastSecond.removeFirst();
        }
        boolean room = underWay < MOST_AT_ONCE && lastSecond.size() < MOST_IN_A_SECOND;
        if (!room || !before.add(told)) {
            return false;
        }
        lastSecond.addLast(now);
        underWay++;
        return true;
    }

    synchronized void done() {
        underWay--;
    }
}
