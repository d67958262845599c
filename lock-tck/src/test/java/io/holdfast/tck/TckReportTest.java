// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.TableBackend;
import io.holdfast.tck.internal.Tally;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a run says at its end. */
class TckReportTest {
    private static RuleResult result(TckReport report, String id) {
        return report.rules().stream()
                .filter(result -> result.rule().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anOrderThatAStoreDoesNotClaimIsNotSaidToHold() {
        Rows rows = new Rows();
        TckReport report = TckRunner.of(new LockBackendFixture() {
                    @Override
                    public String url() {
                        return "rows:test";
                    }

                    @Override
                    public LockBackend open(LockConfig config) {
                        return TableBackend.of(rows);
                    }
                })
                .only("Order", "History")
                .run();

        assertThat(report.failures()).isEmpty();
        for (String id : List.of("OR-1", "OR-3")) {
            assertThat(result(report, id).status()).as(report.table()).isEqualTo(RuleStatus.NOT_CLAIMED);
            assertThat(result(report, id).notes()).allMatch(note -> note.contains("keeps no line"));
        }
        assertThat(result(report, "OR-2").status()).isEqualTo(RuleStatus.PASS);
        assertThat(result(report, "WA-7").status()).isEqualTo(RuleStatus.PASS);
    }

    @Test
    void theLastLineRepeatsWhichRulesFailed() {
        Tally tally = new Tally(Set.of("ME-1", "OR-1", "KE-1"));
        tally.passed("a test", List.of("ME-1"));
        assertThat(Reports.of(tally).summary()).contains(" 0 FAIL,");

        tally.failed("a test", List.of("OR-1"), new AssertionError("seen"));
        tally.failed("another", List.of("KE-1"), new AssertionError("seen, too"));
        TckReport report = Reports.of(tally);
        assertThat(report.summary()).contains(" 2 FAIL (OR-1, KE-1),");
        assertThat(report.table()).endsWith("  " + report.summary() + "\n");
    }

    @Test
    void aRuleOfWhichATestCouldNotLookIsPartlyShown() {
        Tally tally = new Tally(Set.of("ME-1", "OR-1", "LK-1"));
        tally.passed("first", List.of("ME-1", "OR-1", "LK-1"));
        tally.skipped("a test", List.of("ME-1"), new HookMissing("cut the link"));
        tally.skipped("another", List.of("OR-1"), new NotClaimed("no line"));
        tally.note("LK-1", new HookMissing("list what is left"));
        TckReport report = Reports.of(tally);

        assertThat(result(report, "ME-1").status()).isEqualTo(RuleStatus.PARTLY);
        assertThat(result(report, "ME-1").notes()).contains("not looked at: a test: the fixture cannot cut the link");
        assertThat(result(report, "LK-1").status()).isEqualTo(RuleStatus.PARTLY);
        assertThat(result(report, "OR-1").status()).isEqualTo(RuleStatus.PASS);
        assertThat(report.summary()).startsWith("1 rules PASS, 2 PARTLY, 0 FAIL,");
        assertThat(report.json()).contains("\"id\": \"ME-1\"").contains("\"status\": \"PARTLY\"");
        assertThat(report.isPassed()).isTrue();
    }

    @Test
    void troubleOfTheKitsOwnBreaksNoRuleAndIsNoPass() {
        Tally tally = new Tally(Set.of("CR-2", "FT-1"));
        tally.passed("first", List.of("FT-1"));
        tally.failed("a test", List.of("CR-2", "FT-1"), new HarnessTrouble("a process did not come up"));
        TckReport report = Reports.of(tally);

        assertThat(report.failures()).isEmpty();
        assertThat(result(report, "CR-2").status()).isEqualTo(RuleStatus.UNTESTED);
        assertThat(result(report, "FT-1").status()).isEqualTo(RuleStatus.PARTLY);
        assertThat(report.summary()).endsWith("1 met trouble of the kit's own: run them again");
        assertThat(report.isPassed()).isFalse();
    }
}
