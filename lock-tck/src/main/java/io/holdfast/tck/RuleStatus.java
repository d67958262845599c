// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/** What a run of the kit says of one rule. */
public enum RuleStatus {
    /** A test saw the rule broken. */
    FAIL,
    /** Every test of the rule ran and saw it hold, except tests of what the backend does not claim. */
    PASS,
    /**
     * The tests of the rule that ran saw it hold, but others could not look: the fixture has no hook for them, or the kit had trouble
     * of its own. What was not looked at is listed.
     */
    PARTLY,
    /** The backend does not claim what the rule's tests are about. */
    NOT_CLAIMED,
    /** No test of the rule ran; the reason says why. */
    UNTESTED;

    @Override
    public String toString() {
        return name().replace('_', ' ');
    }
}
