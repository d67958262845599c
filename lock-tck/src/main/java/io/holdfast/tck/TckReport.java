// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.tck.TestResult.Verdict;
import io.holdfast.tck.internal.Json;
import io.holdfast.tck.internal.ReportJson;
import io.holdfast.tck.internal.ReportPage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a run of the kit found: the table of rules, and all that a third party needs to judge it. Immutable.
 *
 * @param store what was tested
 * @param run when, where, and by which kit
 * @param verdicts what was found
 * @param histories what histories show broken, the part of each that shows it
 */
public record TckReport(TestedStore store, TckRun run, Verdicts verdicts, List<FailingHistory> histories) {
    /**
     * Checks that nothing is null, and copies the histories.
     *
     * @param store what was tested
     * @param run when, where, and by which kit
     * @param verdicts what was found
     * @param histories what histories show broken
     */
    public TckReport {
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(verdicts, "verdicts");
        histories = List.copyOf(histories);
    }

    /**
     * One line a rule.
     *
     * @return in the order of docs/SPEC.md
     */
    public List<RuleResult> rules() {
        return verdicts.rules();
    }

    /**
     * How many tests ended in one way.
     *
     * @param verdict how they ended
     * @return zero or more
     */
    public long count(TestResult.Verdict verdict) {
        return verdicts.tests().stream()
                .filter(test -> test.verdict() == verdict)
                .count();
    }

    /**
     * The highest level that the run reached.
     *
     * @return empty when it reached none
     */
    public Optional<Level> level() {
        return verdicts.levels().stream()
                .takeWhile(LevelResult::isReached)
                .reduce((lower, higher) -> higher)
                .map(LevelResult::level);
    }

    /**
     * Whether no rule was seen broken, at least one was seen to hold, and the kit had no trouble of its own.
     *
     * @return false, too, when nothing was tested; true says nothing of the rules that are {@link RuleStatus#PARTLY} or not looked at
     */
    public boolean isPassed() {
        return count(RuleStatus.FAIL) == 0
                && count(RuleStatus.PASS) + count(RuleStatus.PARTLY) > 0
                && count(Verdict.TROUBLE) == 0;
    }

    /**
     * What was seen of each broken rule.
     *
     * @return by rule id, in the order of docs/SPEC.md; empty when all is well
     */
    public Map<String, List<String>> failures() {
        return rules().stream()
                .filter(result -> result.status() == RuleStatus.FAIL)
                .collect(Collectors.toMap(
                        result -> result.rule().id(), RuleResult::notes, (a, b) -> a, java.util.LinkedHashMap::new));
    }

    /**
     * How many rules have a status.
     *
     * @param status the status
     * @return zero or more
     */
    public long count(RuleStatus status) {
        return rules().stream().filter(result -> result.status() == status).count();
    }

    /**
     * The table for people.
     *
     * @return lines, the level and what the next one lacks among the last, a summary at the end
     */
    public String table() {
        StringBuilder out = new StringBuilder(4096);
        out.append("Rules of Holdfast on ")
                .append(store.address())
                .append(" (")
                .append(store.capabilities())
                .append(")\n");
        for (RuleResult result : rules()) {
            out.append("  ").append(result).append('\n');
            result.notes().forEach(note -> out.append("        ")
                    .append(note.replace("\n", "\n        "))
                    .append('\n'));
        }
        levels().lines().forEach(line -> out.append("  ").append(line).append('\n'));
        out.append("  ").append(summary()).append('\n');
        return out.toString();
    }

    /** The level, by whose word, and what keeps the run from the next one. */
    private String levels() {
        String word = store.fixture().ofTheKit()
                ? "a fixture of the kit's"
                : "a fixture of the backend's authors, which is their word: "
                        + store.fixture().type();
        StringBuilder out = new StringBuilder("level " + level().map(Enum::name).orElse("NONE") + ", by " + word);
        verdicts.levels().stream()
                .filter(result -> !result.isReached())
                .findFirst()
                .ifPresent(next -> next.missing().forEach(line -> out.append("\n  for ")
                        .append(next.level())
                        .append(": ")
                        .append(line)));
        return out.toString();
    }

    /**
     * The last line of the table.
     *
     * @return counts of rules by status, the ids of those that FAIL, and counts of tests
     */
    public String summary() {
        String broken =
                failures().isEmpty() ? "" : " (" + String.join(", ", failures().keySet()) + ")";
        long troubles = count(Verdict.TROUBLE);
        return count(RuleStatus.PASS) + " rules PASS, " + count(RuleStatus.PARTLY) + " PARTLY, "
                + count(RuleStatus.FAIL) + " FAIL" + broken + ", "
                + count(RuleStatus.NOT_CLAIMED) + " NOT CLAIMED, " + count(RuleStatus.UNTESTED) + " UNTESTED; "
                + (count(Verdict.PASSED) + count(Verdict.FAILED)) + " tests ran, " + count(Verdict.SKIPPED)
                + " were skipped"
                + (troubles == 0 ? "" : ", " + troubles + " met trouble of the kit's own: run them again");
    }

    /**
     * The report as one JSON object, in a stable order and with one line for each rule and test, so that two can be compared line by
     * line; what differs from run to run comes last. Its schema is docs/tck-report.schema.json, and in the kit's jar.
     *
     * @return JSON, ending with a line feed
     */
    public String json() {
        return Json.text(ReportJson.of(this));
    }

    /**
     * The report as one page for people: no script, nothing from a network, whatever stores say as plain text. A history that
     * shows a rule broken is drawn.
     *
     * @return HTML, in UTF-8 when written
     */
    public String html() {
        return ReportPage.of(this);
    }

    @Override
    public String toString() {
        return table();
    }
}
