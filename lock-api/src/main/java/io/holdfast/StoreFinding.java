// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;

/**
 * One thing that a diagnosis of a store has looked at: what was seen, and whether locks are safe with it; immutable.
 *
 * @param verdict what it means for locks
 * @param subject what was looked at, in a few words such as {@code eviction policy}
 * @param seen what was seen; never a secret
 * @param advice what to do about it; empty when there is nothing to do, which only {@link Verdict#OK} may say
 */
public record StoreFinding(Verdict verdict, String subject, String seen, String advice) {
    /** What a finding means for locks: from good to bad, and last what is not known. */
    public enum Verdict {
        /** As it should be. */
        OK,
        /** Locks work, and are slower, more fragile or harder to look after than they could be. */
        WARNING,
        /** Two owners may come to hold one lock, or no lock can be acquired at all. */
        UNSAFE,
        /** It could not be looked at. */
        UNKNOWN
    }

    /**
     * Checks the parts.
     *
     * @param verdict what it means for locks
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
