// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a run of the kit found: the table of rules. Immutable.
 *
 * @param store the store that was tested, without secrets
 * @param backend what the backend declares
 * @param rules one line a rule, in the order of docs/SPEC.md
 * @param tests tests that ran to their end, failed ones included
 * @param skipped tests that were skipped
 */
public record TckReport(String store, String backend, List<RuleResult> rules, int tests, int skipped) {
    /**
     * Copies the lines.
     *
     * @param store the store that was tested, without secrets
     * @param backend what the backend declares
     * @param rules one line a rule, in the order of docs/SPEC.md
     * @param tests tests that ran to their end, failed ones included
     * @param skipped tests that were skipped
     */
    public TckReport {
        Objects.requireNonNull(store, "store");
        rules = List.copyOf(rules);
    }

    /**
     * Whether no rule was seen broken and at least one was seen to hold.
     *
     * @return false, too, when nothing was tested
     */
    public boolean isPassed() {
        return count(RuleStatus.FAIL) == 0 && count(RuleStatus.PASS) > 0;
    }

    /**
     * What was seen of each broken rule.
     *
     * @return by rule id, in the order of docs/SPEC.md; empty when all is well
     */
    public Map<String, List<String>> failures() {
        return rules.stream()
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
        return rules.stream().filter(result -> result.status() == status).count();
    }

    /**
     * The table for people.
     *
     * @return lines, the last one a summary
     */
    public String table() {
        StringBuilder out = new StringBuilder(4096);
        out.append("Rules of Holdfast on ")
                .append(store)
                .append(" (")
                .append(backend)
                .append(")\n");
        for (RuleResult result : rules) {
            out.append("  ").append(result).append('\n');
            result.notes().forEach(note -> out.append("        ")
                    .append(note.replace("\n", "\n        "))
                    .append('\n'));
        }
        out.append("  ").append(summary()).append('\n');
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
        return count(RuleStatus.PASS) + " rules PASS, " + count(RuleStatus.FAIL) + " FAIL" + broken + ", "
                + count(RuleStatus.NOT_CLAIMED) + " NOT CLAIMED, " + count(RuleStatus.UNTESTED) + " UNTESTED; " + tests
                + " tests ran, " + skipped + " were skipped";
    }

    /**
     * The report as one JSON object: {@code store}, {@code backend}, {@code tests}, {@code skipped}, {@code rules} (each with
     * {@code id}, {@code title}, {@code status}, {@code passed}, {@code failed}, {@code notes}).
     *
     * @return JSON on one line
     */
    public String json() {
        String lines = rules.stream()
                .map(result -> "{\"id\":" + quoted(result.rule().id()) + ",\"title\":"
                        + quoted(result.rule().title()) + ",\"status\":"
                        + quoted(result.status().name()) + ",\"passed\":" + result.passed() + ",\"failed\":"
                        + result.failed() + ",\"notes\":"
                        + result.notes().stream().map(TckReport::quoted).collect(Collectors.joining(",", "[", "]"))
                        + "}")
                .collect(Collectors.joining(",", "[", "]"));
        return "{\"store\":" + quoted(store) + ",\"backend\":" + quoted(backend) + ",\"tests\":" + tests
                + ",\"skipped\":" + skipped + ",\"rules\":" + lines + "}";
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < 0x20 || Character.isSurrogate((char) c)) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }

    @Override
    public String toString() {
        return table();
    }
}
