// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.NotClaimed;
import io.holdfast.tck.Rule;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import io.holdfast.tck.RuleResult;
import io.holdfast.tck.RuleStatus;
import io.holdfast.tck.TckReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what the tests of a run say of each rule. Thread-safe. */
public final class Tally {
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final Set<String> tested;
    private int tests;
    private int skipped;

    public Tally(Set<String> tested) {
        this.tested = Set.copyOf(tested);
        RuleBook.spec().rules().forEach(rule -> lines.put(rule.id(), new Line(rule)));
    }

    /** A test passed. */
    public synchronized void passed(Collection<String> rules) {
        tests++;
        hold(rules);
    }

    /** Rules were seen to hold beside what a test is about. */
    public synchronized void hold(Collection<String> rules) {
        rules.forEach(rule -> line(rule).passed++);
    }

    /** A test failed: the rules its failures name are broken; a failure that names none breaks all that the test proves. */
    public synchronized void failed(String test, Collection<String> rules, Throwable failure) {
        tests++;
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
        skipped++;
        for (String rule : rules) {
            Line line = line(rule);
            line.skips.add(test + ": " + reason.getMessage());
            line.claimed |= !(reason instanceof NotClaimed);
        }
    }

    /** Why a rule was not looked at beside the tests. */
    public synchronized void note(String rule, String reason) {
        line(rule).skips.add(reason);
    }

    private Line line(String rule) {
        Line line = lines.get(rule);
        if (line == null) {
            throw new IllegalArgumentException("a test names the rule " + rule + ", which docs/SPEC.md does not have");
        }
        return line;
    }

    /** The table as it is now. */
    public synchronized TckReport report(String store, String backend) {
        return new TckReport(
                store,
                backend,
                lines.values().stream().map(line -> line.result(tested)).toList(),
                tests,
                skipped);
    }

    private static final class Line {
        private final Rule rule;
        private final List<String> seen = new ArrayList<>();
        private final Set<String> skips = new LinkedHashSet<>();
        private int passed;
        private int failed;
        /** Something else than the backend's claims kept a test from running. */
        private boolean claimed;

        Line(Rule rule) {
            this.rule = rule;
        }

        RuleResult result(Set<String> tested) {
            if (failed > 0) {
                return new RuleResult(rule, RuleStatus.FAIL, passed, failed, seen);
            }
            List<String> notes = new ArrayList<>();
            skips.forEach(skip -> notes.add("skipped: " + skip));
            if (passed > 0) {
                return new RuleResult(rule, RuleStatus.PASS, passed, failed, notes);
            }
            if (!skips.isEmpty()) {
                return new RuleResult(
                        rule, claimed ? RuleStatus.UNTESTED : RuleStatus.NOT_CLAIMED, passed, failed, notes);
            }
            notes.add(
                    tested.contains(rule.id())
                            ? "its tests were not part of this run"
                            : "no test of the kit; " + rule.tested());
            return new RuleResult(rule, RuleStatus.UNTESTED, passed, failed, notes);
        }
    }
}
