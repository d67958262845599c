// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/** A rule that was seen broken: which one, what was seen, what to check. */
public final class RuleFailure extends AssertionFailedError {
    private static final long serialVersionUID = 1;

    private final transient Rule rule;

    /**
     * A failure.
     *
     * @param rule the rule that is broken
     * @param seen what was seen, with names and figures
     * @param cause what was thrown, or null
     */
    public RuleFailure(Rule rule, String seen, @Nullable Throwable cause) {
        super(
                rule + ": " + seen + System.lineSeparator() + "  the rule: " + rule.demand() + System.lineSeparator()
                        + "  what to check: " + rule.check(),
                cause);
        this.rule = rule;
    }

    /**
     * The broken rule.
     *
     * @return its text and what to check
     */
    public Rule rule() {
        return rule;
    }
}
