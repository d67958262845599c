// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.HarnessTrouble;
import io.holdfast.tck.Hook;
import io.holdfast.tck.HookMissing;
import io.holdfast.tck.LevelResult;
import io.holdfast.tck.NotClaimed;
import io.holdfast.tck.Rule;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import io.holdfast.tck.RuleResult;
import io.holdfast.tck.RuleStatus;
import io.holdfast.tck.TestResult.Verdict;
import io.holdfast.tck.TestedStore;
import io.holdfast.tck.Verdicts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.opentest4j.TestAbortedException;

/** Writes down how the tests of a run ended, and what they say of each rule. Thread-safe. */
public final class Tally {
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final Set<String> tested;
    private final TestLog tests = new TestLog();
    private final List<FailingHistory> histories = new ArrayList<>();
    private long guardedOperations;

    public Tally(Set<String> tested) {
        this.tested = Set.copyOf(tested);
        RuleBook.spec().rules().forEach(rule -> lines.put(rule.id(), new Line(rule)));
    }

    /** A test begins. */
    public synchronized void begun(String test) {
        tests.begun(test);
    }

    /** A test passed. */
    public synchronized void passed(String test, Collection<String> rules) {
        tests.ended(test, Verdict.PASSED, rules, "");
        hold(rules);
    }

    /** A history shows a rule broken. */
    public synchronized void show(FailingHistory history) {
        histories.add(history);
    }

    /** The histories that show a rule broken. */
    public synchronized List<FailingHistory> histories() {
        return List.copyOf(histories);
    }

    /** A witness read and wrote what the lock protects, so many times. */
    public synchronized void guarded(long operations) {
        guardedOperations += operations;
    }

    /** Rules were seen to hold beside what a test is about. */
    public synchronized void hold(Collection<String> rules) {
        rules.forEach(rule -> line(rule).passed++);
    }

    /** A rule was seen broken when no test ran any more. */
    public synchronized void found(String when, RuleFailure failure) {
        Line line = line(failure.rule().id());
        line.failed++;
        line.seen.add(when + ": " + failure.getMessage());
    }

    /** A test failed: the rules its failures name are broken; a failure that names none breaks all that the test proves. */
    public synchronized void failed(String test, Collection<String> rules, Throwable failure) {
        if (failure instanceof HarnessTrouble) {
            trouble(test, rules, failure);
            return;
        }
        tests.ended(test, Verdict.FAILED, rules, String.valueOf(failure.getMessage()));
        Map<String, String> broken = new LinkedHashMap<>();
        Set<Throwable> known = new LinkedHashSet<>();
        name(failure, broken, known);
        if (!(failure instanceof RuleFailure)) {
            rules.forEach(rule -> broken.putIfAbsent(rule, failure.toString()));
        }
        broken.forEach((rule, seen) -> {
            line(rule).failed++;
            line(rule).seen.add(test + ": " + seen);
        });
        rules.stream()
                .filter(rule -> !broken.containsKey(rule))
                .forEach(rule -> line(rule).skips.add(test + ": the test failed before"));
    }

    /** The kit itself failed: that is no verdict on the store, and no test of it. */
    private void trouble(String test, Collection<String> rules, Throwable failure) {
        String why = "the kit had trouble of its own: " + failure.getMessage();
        tests.ended(test, Verdict.TROUBLE, rules, why);
        rules.forEach(rule -> line(rule).unseen(test + ": " + why, new Unseen(rule, why, null)));
    }

    private static void name(Throwable failure, Map<String, String> broken, Set<Throwable> known) {
        if (!known.add(failure)) {
            return;
        }
        if (failure instanceof RuleFailure rule) {
            broken.putIfAbsent(rule.rule().id(), rule.getMessage());
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            name(suppressed, broken, known);
        }
    }

    /** A test was skipped. */
    public synchronized void skipped(String test, Collection<String> rules, Throwable reason) {
        String why = String.valueOf(reason.getMessage());
        tests.ended(test, Verdict.SKIPPED, rules, why);
        rules.forEach(rule -> unseen(rule, test + ": " + why, reason));
    }

    /** Why a rule was not looked at beside the tests. */
    public synchronized void note(String rule, TestAbortedException reason) {
        unseen(rule, String.valueOf(reason.getMessage()), reason);
    }

    private void unseen(String rule, String note, Throwable reason) {
        if (reason instanceof NotClaimed) {
            line(rule).skips.add(note);
        } else {
            Hook hook = reason instanceof HookMissing missing ? missing.hook().orElse(null) : null;
            line(rule).unseen(note, new Unseen(rule, String.valueOf(reason.getMessage()), hook));
        }
    }

    private Line line(String rule) {
        Line line = lines.get(rule);
        if (line == null) {
            throw new IllegalArgumentException("a test names the rule " + rule + ", which docs/SPEC.md does not have");
        }
        return line;
    }

    /** What was found until now. */
    public synchronized Verdicts verdicts(TestedStore store) {
        List<RuleResult> rules =
                lines.values().stream().map(line -> line.result(tested)).toList();
        List<Unseen> unseen =
                lines.values().stream().flatMap(line -> line.unseen.stream()).toList();
        List<LevelResult> levels = new Levels(store, guardedOperations).of(rules, tests.all(), unseen);
        return new Verdicts(rules, tests.all(), levels, guardedOperations);
    }

    private static final class Line {
        private final Rule rule;
        private final Set<String> seen = new TreeSet<>();
        private final Set<String> skips = new TreeSet<>();
        private int passed;
        private int failed;
        /** What kept tests from looking, but for what the backend does not claim. */
        private final List<Unseen> unseen = new ArrayList<>();

        Line(Rule rule) {
            this.rule = rule;
        }

        void unseen(String note, Unseen why) {
            skips.add(note);
            unseen.add(why);
        }

        RuleResult result(Set<String> tested) {
            if (failed > 0) {
                return new RuleResult(rule, RuleStatus.FAIL, passed, failed, List.copyOf(seen));
            }
            List<String> notes = new ArrayList<>();
            skips.forEach(skip -> notes.add("not looked at: " + skip));
            if (passed > 0) {
                return new RuleResult(
                        rule, unseen.isEmpty() ? RuleStatus.PASS : RuleStatus.PARTLY, passed, failed, notes);
            }
            if (!skips.isEmpty()) {
                return new RuleResult(
                        rule, unseen.isEmpty() ? RuleStatus.NOT_CLAIMED : RuleStatus.UNTESTED, passed, failed, notes);
            }
            notes.add(
                    tested.contains(rule.id())
                            ? "its tests were not part of this run"
                            : "no test of the kit; " + rule.tested());
            return new RuleResult(rule, RuleStatus.UNTESTED, passed, failed, notes);
        }
    }
}
