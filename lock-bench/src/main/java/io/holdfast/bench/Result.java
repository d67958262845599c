// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one process measured.
 *
 * @param cycles how often a lock was taken and given back
 * @param nanos how long that took
 * @param processor nanoseconds of the process on processors meanwhile
 * @param p50 half of the cycles took no longer, in nanoseconds
 * @param p99 and of a hundred, ninety-nine
 * @param shares cycles by thread
 * @param turns of {@link Work#WAKE_UP} alone: asked, locked, unlocking, by the clock that all processes of a host share
 */
record Result(long cycles, long nanos, long processor, long p50, long p99, List<Long> shares, List<Turn> turns) {
    /** One hold, in nanoseconds of {@link System#nanoTime}. */
    record Turn(long asked, long locked, long unlocking) {}

    /** One line, as {@link #read} takes it. */
    String line() {
        StringBuilder line =
                new StringBuilder("result " + cycles + " " + nanos + " " + processor + " " + p50 + " " + p99);
        line.append(" ").append(shares.size());
        shares.forEach(share -> line.append(" ").append(share));
        turns.forEach(turn -> line.append(" ")
                .append(turn.asked())
                .append(" ")
                .append(turn.locked())
                .append(" ")
                .append(turn.unlocking()));
        return line.toString();
    }

    static Result read(String line) {
        String[] words = line.split(" ", -1);
        long[] numbers = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        int threads = (int) numbers[5];
        List<Long> shares = Arrays.stream(numbers, 6, 6 + threads).boxed().toList();
        List<Turn> turns = new ArrayList<>();
        for (int i = 6 + threads; i < numbers.length; i += 3) {
            turns.add(new Turn(numbers[i], numbers[i + 1], numbers[i + 2]));
        }
        return new Result(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], shares, turns);
    }
}
