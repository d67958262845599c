// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.Hook;
import io.holdfast.tck.LevelResult;
import io.holdfast.tck.RuleResult;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRun;
import io.holdfast.tck.TestResult;
import io.holdfast.tck.TestedStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A report as one page for people, which needs nothing beside itself: no script, no network. */
public final class ReportPage {
    private final TckReport report;
    private final StringBuilder out = new StringBuilder(65_536);

    private ReportPage(TckReport report) {
        this.report = report;
    }

    /** The page, in UTF-8. */
    public static String of(TckReport report) {
        return new ReportPage(report).write();
    }

    private String write() {
        head();
        if (!report.histories().isEmpty()) {
            out.append(Markup.element("h2", "What the histories show"));
            report.histories().forEach(this::history);
        }
        levels();
        rules();
        environment();
        tests();
        return out.append("</body>\n</html>\n").toString();
    }

    private void head() {
        String title = "Rules of Holdfast on " + report.store().address();
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                // Whatever a store's words are taken for, nothing is run and nothing is loaded.
                .append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
                .append(Markup.element("title", title))
                .append("\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n")
                .append(Markup.element("h1", title))
                .append("\n<p class=\"level\">Level ")
                .append(badge(report.level().map(Enum::name).orElse("NONE")))
                .append("</p>\n")
                .append(Markup.element("p", word(report.store())))
                .append('\n')
                .append(Markup.element("p", report.summary()))
                .append('\n');
    }

    private static String word(TestedStore store) {
        return store.fixture().ofTheKit()
                ? "The kit's own fixture reached the store."
                : "A fixture of the backend's authors reached the store: what it says is their word.";
    }

    private static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
            return new String(
                    Objects.requireNonNull(in, "report.css is missing in the kit's jar")
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String badge(String verdict) {
        return badge(verdict, verdict.replace('_', ' '));
    }

    private static String badge(String colour, String shown) {
        return Markup.element("span", "badge " + colour, shown);
    }

    private void history(FailingHistory history) {
        out.append("<figure>\n<p>")
                .append(Markup.element("b", history.rule()))
                .append(' ')
                .append(Markup.text(history.seen()))
                .append("</p>\n")
                .append(Timeline.svg(history))
                .append(
                        Markup.element(
                                "figcaption",
                                "soft",
                                "Thin: waits. Thick: holds, with the token; red: the holds that show it, and where both were valid."))
                .append("\n</figure>\n");
    }

    private void levels() {
        table("Levels", "Level", "Reached", "What is missing");
        for (LevelResult level : report.verdicts().levels()) {
            row(
                    cell(
                            "id",
                            badge(
                                    level.isReached() ? level.level().name() : "NONE",
                                    level.level().name())),
                    cell("verdict", level.isReached() ? "yes" : "no"),
                    cell("notes", list(level.missing())));
        }
        endTable();
    }

    private void rules() {
        table("Rules", "Rule", "Verdict", "What it says");
        for (RuleResult result : report.rules()) {
            int ran = result.passed() + result.failed();
            String counts =
                    ran == 0 ? "" : " <span class=\"soft\">" + result.passed() + " of " + ran + " tests passed</span>";
            row(
                    cell("id", Markup.text(result.rule().id())),
                    cell("verdict", badge(result.status().name())),
                    cell("notes", Markup.text(result.rule().title()) + counts + list(result.notes())));
        }
        endTable();
    }

    private void tests() {
        table("Tests", "Test", "Verdict", "Time", "Why");
        for (TestResult test : report.verdicts().tests()) {
            row(
                    cell("test", "<code>" + Markup.text(test.name()) + "</code>"),
                    cell("verdict", badge(test.verdict().name())),
                    cell("time", test.took().toMillis() + " ms"),
                    cell("notes", test.why().isEmpty() ? "" : list(List.of(test.why()))));
        }
        endTable();
    }

    private void environment() {
        TckRun run = report.run();
        TestedStore store = report.store();
        out.append(Markup.element("h2", "What ran where")).append("\n<dl>\n");
        fact("Begun, took", run.course().begun() + ", " + run.course().took().toSeconds() + " s");
        fact(
                "Kit",
                run.kit().version()
                        + (run.kit().commit().isEmpty()
                                ? ""
                                : ", commit " + run.kit().commit()));
        fact("Rules", "SHA-256 " + run.kit().rules());
        run.jars().forEach((jar, hash) -> fact(jar, "SHA-256 " + hash));
        fact("Server", store.serverVersion().isEmpty() ? "not asked" : store.serverVersion());
        fact("Declares", declared(store));
        fact("Fixture", store.fixture().type());
        fact("Hooks it has", hooks(true));
        fact("Hooks it has not", hooks(false));
        fact("Java", run.machine().java());
        fact("System", run.machine().system() + ", " + run.machine().processors() + " processors");
        fact("Scale, seed", run.course().scale() + ", " + run.course().seed());
        fact("Guarded operations", String.valueOf(report.verdicts().guardedOperations()));
        out.append("</dl>\n");
    }

    private static String declared(TestedStore store) {
        var facts = store.capabilities();
        return facts + ", leases of " + facts.minimumLease() + " to " + facts.maximumLease() + " by "
                + facts.leaseStep() + ", "
                + (facts.sharedAcrossProcesses() ? "shared across processes" : "inside one JVM");
    }

    private String hooks(boolean has) {
        String found = report.store().fixture().hooks().entrySet().stream()
                .filter(entry -> entry.getValue() == has)
                .map(entry -> entry.getKey())
                .map(Hook::call)
                .collect(Collectors.joining(", "));
        return found.isEmpty() ? "none that was asked for" : found;
    }

    private void fact(String name, String value) {
        out.append(Markup.element("dt", name))
                .append(Markup.element("dd", value))
                .append('\n');
    }

    private void table(String title, String... columns) {
        out.append(Markup.element("h2", title)).append("\n<table>\n<thead><tr>");
        for (String column : columns) {
            out.append(Markup.element("th", column));
        }
        out.append("</tr></thead>\n<tbody>\n");
    }

    private void endTable() {
        out.append("</tbody>\n</table>\n");
    }

    private void row(String... cells) {
        out.append("<tr>").append(String.join("", cells)).append("</tr>\n");
    }

    /** The content is markup already. */
    private static String cell(String type, String content) {
        return "<td class=\"" + type + "\">" + content + "</td>";
    }

    private static String list(List<String> lines) {
        return lines.isEmpty()
                ? ""
                : lines.stream()
                        .map(line -> Markup.element("li", line))
                        .collect(Collectors.joining("", "<ul>", "</ul>"));
    }
}
