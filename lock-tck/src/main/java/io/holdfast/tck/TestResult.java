// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.time.Duration;
import java.util.List;

/**
 * How one test of the kit ended.
 *
 * @param name kit and test, as {@code holdfast.tck.only} takes it, such as {@code Fencing.tokensGrowFromHoldToHold}
 * @param verdict how it ended
 * @param took how long it ran, its looks at the store afterwards included
 * @param rules the ids of the rules that it is about
 * @param why what was seen, or why it was skipped; empty for one that passed
 */
public record TestResult(String name, Verdict verdict, Duration took, List<String> rules, String why) {
    /** How a test ends. */
    public enum Verdict {
        /** It saw its rules hold. */
        PASSED,
        /** It saw a rule broken. */
        FAILED,
        /** It did not look; the reason is given. */
        SKIPPED,
        /** It could not look, because the kit had trouble of its own. */
        TROUBLE
    }

    /**
     * Copies the rules.
     *
     * @param name kit and test
     * @param verdict how it ended
     * @param took how long it ran
     * @param rules the ids of the rules that it is about
     * @param why what was seen, or why it was skipped
     */
    public TestResult {
        rules = List.copyOf(rules);
    }
}
