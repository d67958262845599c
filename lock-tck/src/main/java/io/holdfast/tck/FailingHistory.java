// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.List;

/**
 * The part of a history that shows a rule broken. Times are nanoseconds since its beginning, on the machine's monotonic clock.
 *
 * @param rule the id of the rule
 * @param seen what shows it broken
 * @param spans the attempts of witnesses in that part, in the order in which they were begun
 * @param strikes what the kit did to witnesses in that part
 */
public record FailingHistory(String rule, String seen, List<Span> spans, List<Strike> strikes) {
    /** The time of what did not happen. */
    public static final long NEVER = Long.MIN_VALUE;

    /**
     * One attempt of a witness.
     *
     * @param name witness and number, such as {@code w2#3}
     * @param token the fencing token of its hold, 0 when it held nothing
     * @param times when it asked, held and ended
     * @param blamed whether it is one of those that show the rule broken
     */
    public record Span(String name, long token, Times times, boolean blamed) {
        /**
         * Whose attempt it is.
         *
         * @return such as {@code w2}
         */
        public String witness() {
            return name.substring(0, name.indexOf('#'));
        }
    }

    /**
     * The times of an attempt, each {@link #NEVER} when it did not happen.
     *
     * @param asked when the lock was asked for
     * @param held when it was held
     * @param lastValid when the hold was last seen to be valid
     * @param ended when it was given up, lost, or its witness struck
     */
    public record Times(long asked, long held, long lastValid, long ended) {}

    /**
     * What the kit did to a witness.
     *
     * @param witness who was struck
     * @param at when, in nanoseconds since the history's beginning
     * @param what such as "killed"
     */
    public record Strike(String witness, long at, String what) {}

    /**
     * Copies the lists.
     *
     * @param rule the id of the rule
     * @param seen what shows it broken
     * @param spans the attempts of that time
     * @param strikes what the kit did to witnesses
     */
    public FailingHistory {
        spans = List.copyOf(spans);
        strikes = List.copyOf(strikes);
    }
}
