// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Capabilities;
import io.holdfast.tck.Hook;
import io.holdfast.tck.LevelResult;
import io.holdfast.tck.RuleResult;
import io.holdfast.tck.RuleStatus;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRun;
import io.holdfast.tck.TestResult;
import io.holdfast.tck.TestedStore;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A report as JSON has it: tck-report.schema.json says what each field means. */
public final class ReportJson {
    private static final String SCHEMA = "urn:holdfast:tck-report";
    private static final int VERSION = 1;

    private ReportJson() {}

    /** In a stable order; what no two runs share comes last. */
    public static Map<String, Object> of(TckReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("schema", fields("id", SCHEMA, "version", VERSION));
        json.put("kit", kit(report.run()));
        json.put("store", store(report.store()));
        json.put("fixture", fixture(report.store()));
        json.put("passed", report.isPassed());
        json.put("level", report.level().map(Enum::name).orElse("NONE"));
        json.put(
                "levels",
                report.verdicts().levels().stream().map(ReportJson::level).toList());
        json.put("counts", counts(report));
        json.put("rules", report.rules().stream().map(ReportJson::rule).toList());
        json.put(
                "tests",
                report.verdicts().tests().stream().map(ReportJson::test).toList());
        json.put("run", run(report));
        json.put("millis", times(report));
        json.put("histories", report.histories().stream().map(HistoryJson::of).toList());
        return json;
    }

    private static Map<String, Object> fields(Object... keysAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            fields.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return fields;
    }

    private static Map<String, Object> kit(TckRun run) {
        return fields(
                "version", run.kit().version(),
                "commit", run.kit().commit(),
                "rules",
                        fields(
                                "version",
                                run.kit().version(),
                                "sha256",
                                run.kit().rules()),
                "jars", run.jars());
    }

    private static Map<String, Object> store(TestedStore store) {
        Capabilities declared = store.capabilities();
        return fields(
                "address", store.address(),
                "server", store.serverVersion(),
                "capabilities",
                        fields(
                                "guarantee", declared.guarantee().name(),
                                "scope", declared.scope().name(),
                                "queues", declared.queues(),
                                "blocking", declared.blocking(),
                                "sharedAcrossProcesses", declared.sharedAcrossProcesses(),
                                "minimumLease", declared.minimumLease().toString(),
                                "maximumLease", declared.maximumLease().toString(),
                                "leaseStep", declared.leaseStep().toString(),
                                "leaseReason", declared.leaseReason(),
                                "holdingRenewals", declared.holdingRenewals(),
                                "waitingRenewals", declared.waitingRenewals(),
                                "takeoverLeases", takeoverLeases(declared),
                                "takeoverSlack",
                                        declared.takeoverBound(Duration.ZERO).toString()));
    }

    private static long takeoverLeases(Capabilities declared) {
        Duration slack = declared.takeoverBound(Duration.ZERO);
        return declared.takeoverBound(Duration.ofSeconds(1)).minus(slack).toSeconds();
    }

    private static Map<String, Object> fixture(TestedStore store) {
        Map<String, Object> hooks = new LinkedHashMap<>();
        for (Hook hook : Hook.values()) {
            if (hook.level().isPresent()) {
                Boolean has = store.fixture().hooks().get(hook);
                hooks.put(hook.name(), has == null ? "NOT_ASKED" : has ? "HAS" : "LACKS");
            }
        }
        return fields(
                "type",
                store.fixture().type(),
                "keptBy",
                store.fixture().ofTheKit() ? "KIT" : "BACKEND",
                "serverOfTheLab",
                store.fixture().serverOfTheLab(),
                "hooks",
                hooks);
    }

    private static Map<String, Object> level(LevelResult level) {
        return fields("level", level.level().name(), "reached", level.isReached(), "missing", level.missing());
    }

    private static Map<String, Object> counts(TckReport report) {
        Map<String, Object> rules = new LinkedHashMap<>();
        for (RuleStatus status : RuleStatus.values()) {
            rules.put(status.name(), report.count(status));
        }
        Map<String, Object> tests = new LinkedHashMap<>();
        for (TestResult.Verdict verdict : TestResult.Verdict.values()) {
            tests.put(verdict.name(), report.count(verdict));
        }
        return fields("rules", rules, "tests", tests);
    }

    private static Map<String, Object> rule(RuleResult result) {
        return fields(
                "id", result.rule().id(),
                "title", result.rule().title(),
                "status", result.status().name(),
                "passed", result.passed(),
                "failed", result.failed(),
                "notes", result.notes());
    }

    private static Map<String, Object> test(TestResult test) {
        return fields("name", test.name(), "verdict", test.verdict().name(), "rules", test.rules(), "why", test.why());
    }

    private static Map<String, Object> run(TckReport report) {
        TckRun run = report.run();
        return fields(
                "begun", run.course().begun().toString(),
                "seconds", seconds(run.course().took()),
                "java", run.machine().java(),
                "system", run.machine().system(),
                "processors", run.machine().processors(),
                "scale", run.course().scale(),
                "seed", Long.toString(run.course().seed()),
                "guardedOperations", report.verdicts().guardedOperations());
    }

    private static Object seconds(Duration took) {
        return new BigDecimal(String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0));
    }

    private static Map<String, Object> times(TckReport report) {
        Map<String, Object> times = new LinkedHashMap<>();
        report.verdicts()
                .tests()
                .forEach(test -> times.put(test.name(), test.took().toMillis()));
        return times;
    }
}
