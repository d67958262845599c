// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.List;

/**
 * What a run says of one rule: one line of the table of rules.
 *
 * @param rule the rule
 * @param status what the run says of it
 * @param passed tests of the rule that passed
 * @param failed tests that saw it broken
 * @param notes why tests were skipped, or what was seen
 */
public record RuleResult(Rule rule, RuleStatus status, int passed, int failed, List<String> notes) {
    /**
     * Copies the notes.
     *
     * @param rule the rule
     * @param status what the run says of it
     * @param passed tests of the rule that passed
     * @param failed tests that saw it broken
     * @param notes why tests were skipped, or what was seen
     */
    public RuleResult {
        notes = List.copyOf(notes);
    }

    @Override
    public String toString() {
        String counts = passed + failed == 0 ? "" : ", " + passed + " of " + (passed + failed) + " tests passed";
        return String.format("%-6s%-12s%s%s", rule.id(), status, rule.title(), counts);
    }
}
