// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import io.holdfast.bench.Result.Turn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** How long from an unlock in one process until another has the lock that waited for it. */
final class WakeUps {
    /** Who has waited for less may not have been parked yet. */
    private static final long PARKED = 10_000_000;

    private record Seen(int process, Turn turn) {}

    private WakeUps() {}

    static double median(List<Result> processes) {
        List<Long> all = all(processes);
        if (all.isEmpty()) {
            throw new IllegalStateException("no process has waited for the other");
        }
        return all.get(all.size() / 2);
    }

    /** In order of length, in nanoseconds. */
    static List<Long> all(List<Result> processes) {
        List<Seen> turns = new ArrayList<>();
        for (int process = 0; process < processes.size(); process++) {
            for (Turn turn : processes.get(process).turns()) {
                turns.add(new Seen(process, turn));
            }
        }
        turns.sort(Comparator.comparingLong(seen -> seen.turn().locked()));
        List<Long> found = new ArrayList<>();
        for (int i = 1; i < turns.size(); i++) {
            Seen before = turns.get(i - 1);
            Seen next = turns.get(i);
            boolean waited = next.turn().asked() + PARKED < before.turn().unlocking();
            if (waited && before.process() != next.process()) {
                found.add(next.turn().locked() - before.turn().unlocking());
            }
        }
        Collections.sort(found);
        return found;
    }
}
