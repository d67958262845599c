// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.spi.line.Seat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One line of a script's answer: a word, then fields, split by single spaces.
 *
 * @param fields the words of the line, one at least
 */
record Reply(List<String> fields) {
    /** So many at the head of the line look for themselves every poll interval; the others only when those before them died. */
    private static final int FIRST_FEW = 3;

    static Reply parse(String line) {
        return new Reply(List.of(line.split(" ", -1)));
    }

    /** Splits into a number of fields at most; the last one keeps its spaces. */
    static Reply parse(String line, int most) {
        return new Reply(List.of(line.split(" ", most)));
    }

    boolean is(String word) {
        return fields.get(0).equals(word);
    }

    String text(int field) {
        if (field >= fields.size()) {
            throw malformed();
        }
        return fields.get(field);
    }

    long number(int field) {
        try {
            return Long.parseLong(text(field));
        } catch (NumberFormatException e) {
            throw malformed();
        }
    }

    /** The last field: whether the grant given up in the same step was still there. */
    boolean released() {
        return fields.get(fields.size() - 1).equals("1");
    }

    /** Where it says that a contender is. */
    Seat seat() {
        return switch (text(0)) {
            case "granted", "holding" -> Seat.holding(number(1));
            case "waiting" -> Seat.waiting(0, number(1) < FIRST_FEW ? 0 : TimeUnit.MILLISECONDS.toNanos(number(2)));
            case "busy", "gone" -> Seat.GONE;
            default -> throw malformed();
        };
    }

    LockOutcomeUnknownException malformed() {
        return new LockOutcomeUnknownException("the server answered '" + StoreWords.shown(String.join(" ", fields))
                + "', which no script of ours says; is another version of Holdfast at work under this prefix?");
    }
}
