// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;

/**
 * One thing that a diagnosis of a store has looked at: what was seen, and whether locks are safe with it; immutable.
 *
 * @param verdict how it bears on locks
 * @param subject what was looked at, in a few words such as {@code eviction policy}
 * @param seen what was seen; never a password or token
 * @param advice what to do about it; empty when there is nothing to do, which only {@link Verdict#OK} may say
 */
public record StoreFinding(Verdict verdict, String subject, String seen, String advice) {
    /** How a finding bears on locks; from good to bad, what is not known coming last. */
    public enum Verdict {
        /** As it should be. */
        OK,
        /** Locks work, and are slower, more fragile or harder to look after than they could be. */
        WARNING,
        /** Two may come to hold one lock, or locks may not be had at all. */
        UNSAFE,
        /** It could not be looked at. */
        UNKNOWN
    }

    /**
     * Checks the parts.
     *
     * @param verdict how it bears on locks
     * @param subject what was looked at, not blank
     * @param seen what was seen, not blank
     * @param advice what to do; blank with {@link Verdict#OK} only
     * @throws IllegalArgumentException when a part is blank that must not be
     */
    public StoreFinding {
        Objects.requireNonNull(verdict, "verdict");
        if (subject.isBlank() || seen.isBlank() || (advice.isBlank() && verdict != Verdict.OK)) {
            throw new IllegalArgumentException("a finding says what was looked at, what was seen and what to do");
        }
    }

    /**
     * A thing that is as it should be.
     *
     * @param subject what was looked at
     * @param seen what was seen
     * @return the finding, without advice
     */
    public static StoreFinding ok(String subject, String seen) {
        return new StoreFinding(Verdict.OK, subject, seen, "");
    }
}
