// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.Level;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import io.holdfast.tck.TestResult.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of each test of the kit as it ends. */
class KitProgressTest {
    @ParameterizedTest
    @EnumSource(
            value = Report.Style.class,
            names = {"NORMAL", "JSON"})
    void aSkippedTestIsSaidToBeSkippedAndWhy(Report.Style style) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8), style, () -> Instant.EPOCH);

        // A URL alone: nothing can be done to the store.
        TckReport found = TckRunner.of("memory:progress")
                .only("Faults")
                .tell(new TckCommand.Progress(report))
                .run();

        List<String> said = out.toString(StandardCharsets.UTF_8).lines().toList();
        long skipped = found.count(Verdict.SKIPPED);
        assertThat(skipped).isPositive();
        assertThat(found.store().fixture().ofTheKit()).isTrue();
        assertThat(said)
                .hasSize((int) skipped)
                .allMatch(line -> !line.contains("ABORTED") && line.contains("the fixture cannot "));
        assertThat(said)
                .allMatch(line -> line.startsWith("holdfast: skipped ") || line.contains("\"status\":\"skipped\""));
    }

    /** Part of the kit shows no rule broken, and is of no level. */
    @Test
    void aLevelThatIsNotReachedIsAFailure() {
        TckReport found = TckRunner.of("memory:level").only("Order").run();

        assertThat(TckCommand.exitCode(found, null)).isEqualTo(ExitCode.OK);
        assertThat(TckCommand.exitCode(found, Level.BRONZE)).isEqualTo(ExitCode.RULE_FAILED);
    }
}
