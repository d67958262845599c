// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.Hook;
import io.holdfast.tck.Level;
import io.holdfast.tck.LevelResult;
import io.holdfast.tck.RuleResult;
import io.holdfast.tck.RuleStatus;
import io.holdfast.tck.TestResult;
import io.holdfast.tck.TestResult.Verdict;
import io.holdfast.tck.TestedStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says which levels a run is of, and what it lacks for the others. docs/tck.md has the conditions. */
final class Levels {
    private final TestedStore store;
    private final long guardedOperations;

    Levels(TestedStore store, long guardedOperations) {
        this.store = store;
        this.guardedOperations = guardedOperations;
    }

    List<LevelResult> of(List<RuleResult> rules, List<TestResult> tests, List<Unseen> unseen) {
        return Arrays.stream(Level.values())
                .map(level -> new LevelResult(level, missing(level, rules, tests, unseen)))
                .toList();
    }

    private List<String> missing(Level level, List<RuleResult> rules, List<TestResult> tests, List<Unseen> unseen) {
        List<String> missing = new ArrayList<>();
        List<String> broken = rules.stream()
                .filter(result -> result.status() == RuleStatus.FAIL)
                .map(result -> result.rule().id())
                .toList();
        if (!broken.isEmpty()) {
            missing.add("broken: " + String.join(", ", broken));
        }
        Set<String> notRun = new TreeSet<>(KitTests.all());
        tests.forEach(test -> notRun.remove(test.name()));
        if (!notRun.isEmpty()) {
            missing.add(notRun.size() + " tests were no part of this run");
        }
        if (tests.stream().anyMatch(test -> test.verdict() == Verdict.TROUBLE)) {
            missing.add("the kit had trouble of its own: run it again");
        }
        missing.addAll(unseen(level, unseen));
        if (level == Level.GOLD) {
            missing.addAll(beyondTheHooks());
        }
        return missing;
    }

    /** Reasons with the rules that they are about. */
    private List<String> unseen(Level level, List<Unseen> unseen) {
        Map<String, Set<String>> rulesByReason = new LinkedHashMap<>();
        for (Unseen one : unseen) {
            if (counts(level, one.hook())) {
                String reason =
                        one.hook() == null ? one.why() : "no " + one.hook().call();
                rulesByReason.computeIfAbsent(reason, key -> new TreeSet<>()).add(one.rule());
            }
        }
        List<String> lines = new ArrayList<>();
        rulesByReason.forEach((reason, ids) -> lines.add(reason + ": " + String.join(", ", ids)));
        return lines;
    }

    private boolean counts(Level level, @Nullable Hook hook) {
        if (hook == null) {
            return true;
        }
        boolean otherwise =
                switch (hook) {
                    case COPIES -> store.fixture().has(Hook.HOLD_REQUESTS);
                    case SILENCE -> store.capabilities().sharedAcrossProcesses();
                    default -> false;
                };
        return !otherwise
                && hook.level().filter(from -> level.compareTo(from) >= 0).isPresent();
    }

    private Collection<String> beyondTheHooks() {
        List<String> missing = new ArrayList<>();
        if (!store.capabilities().sharedAcrossProcesses()) {
            missing.add("no other process can take its locks");
        }
        if (guardedOperations < Level.GUARDED_OPERATIONS) {
            missing.add(guardedOperations + " guarded operations, not " + Level.GUARDED_OPERATIONS);
        }
        return missing;
    }
}
