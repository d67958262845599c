// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.List;

/**
 * What a run found. Immutable.
 *
 * @param rules one line a rule, in the order of docs/SPEC.md
 * @param tests all tests that were to run, by name
 * @param levels all levels, the lowest first
 * @param guardedOperations how many times the witnesses of histories read and wrote what the lock protects
 */
public record Verdicts(
        List<RuleResult> rules, List<TestResult> tests, List<LevelResult> levels, long guardedOperations) {
    /**
     * Copies the lists.
     *
     * @param rules one line a rule
     * @param tests all tests that were to run
     * @param levels all levels
     * @param guardedOperations how many times witnesses wrote
     */
    public Verdicts {
        rules = List.copyOf(rules);
        tests = List.copyOf(tests);
        levels = List.copyOf(levels);
    }
}
