// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

/**
 * One line of a witness's journal.
 *
 * @param nanos when, on the monotonic clock of the machine, which is one for all its processes
 * @param witness who
 * @param kind what
 * @param attempt which of the witness's attempts, counted from 1
 * @param token the hold's fencing token, or 0
 * @param value see {@link Kind}
 */
public record Event(long nanos, String witness, Kind kind, int attempt, long token, long value) {
    /** The value of {@link Kind#STRUCK} for one that was stopped; 0 for one that was killed. */
    public static final long STOPPED = 1;

    /** What a witness can see. */
    public enum Kind {
        /** It is about to ask for the lock. */
        ASKED,
        /** The store has acknowledged its place; the value counts the sessions its client has opened so far. */
        IN_LINE,
        /** It was given the lock; the value counts the sessions. */
        HELD,
        /** At this moment, or later, its hold said that it was valid. */
        VALID,
        /** It has read the counter; the value is what it read. */
        READ,
        /** It has written the counter; the value is what it wrote. */
        WROTE,
        /** It is about to release. */
        LEFT,
        /** It noticed that its hold was lost. */
        LOST,
        /** It was killed or stopped here; written by whoever did so. */
        STRUCK
    }

    String line() {
        return nanos + " " + witness + " " + kind + " " + attempt + " " + token + " " + value + "\n";
    }

    static Event of(String line) {
        String[] parts = line.split(" ", 6);
        return new Event(
                Long.parseLong(parts[0]),
                parts[1],
                Kind.valueOf(parts[2]),
                Integer.parseInt(parts[3]),
                Long.parseLong(parts[4]),
                Long.parseLong(parts[5]));
    }
}
