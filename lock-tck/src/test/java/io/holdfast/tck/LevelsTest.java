// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Tally;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The conditions of docs/tck.md under which a run is of a level. */
class LevelsTest {
    private final Tally tally = new Tally(Set.of("ME-1"));

    /** Every test of the kit passes, and the history is long. */
    @BeforeEach
    void aWholeRun() {
        for (Class<?> kit : LockTck.class.getDeclaredClasses()) {
            for (Class<?> type = kit; type != null; type = type.getSuperclass()) {
                for (Method method : type.getDeclaredMethods()) {
                    Proves proves = method.getAnnotation(Proves.class);
                    if (proves != null && !method.isAnnotationPresent(Tag.class)) {
                        tally.passed(kit.getSimpleName() + "." + method.getName(), List.of(proves.value()));
                    }
                }
            }
        }
        tally.guarded(Level.GUARDED_OPERATIONS);
    }

    private static List<String> missing(TckReport report, Level level) {
        return report.verdicts().levels().stream()
                .filter(result -> result.level() == level)
                .findFirst()
                .orElseThrow()
                .missing();
    }

    private TckReport without(Hook hook) {
        tally.skipped("Some.test", List.of("LO-5", "CR-2"), new HookMissing(hook, "do it"));
        return Reports.of(tally);
    }

    @Test
    void aWholeRunInWhichNothingIsMissingIsGold() {
        assertThat(Reports.of(tally).level()).contains(Level.GOLD);
    }

    @ParameterizedTest
    @EnumSource(
            value = Hook.class,
            names = {"RESIDUE", "DELETE_HOLDER", "EXPIRE_SESSION", "COPIES"})
    void withoutALookIntoTheStoreItIsBronze(Hook hook) {
        TckReport report = without(hook);
        assertThat(report.level()).contains(Level.BRONZE);
        assertThat(missing(report, Level.SILVER)).containsExactly("no " + hook.call() + ": CR-2, LO-5");
    }

    @ParameterizedTest
    @EnumSource(
            value = Hook.class,
            names = {"CUT_LINK", "HOLD_REQUESTS", "STOP_SERVER", "RESTART_SERVER"})
    void withoutLinkAndServerItIsSilver(Hook hook) {
        TckReport report = without(hook);
        assertThat(report.level()).contains(Level.SILVER);
        assertThat(missing(report, Level.GOLD)).containsExactly("no " + hook.call() + ": CR-2, LO-5");
    }

    @ParameterizedTest
    @EnumSource(
            value = Hook.class,
            names = {"PASSWORD", "NONE", "SILENCE"})
    void whatNoFixtureCanHelpOrAnotherWayShowsCountsAgainstNoLevel(Hook hook) {
        assertThat(without(hook).level()).contains(Level.GOLD);
    }

    @Test
    void heldRequestsShowWhatCopiesDo() {
        tally.skipped("Some.test", List.of("UO-2"), new HookMissing(Hook.COPIES, "deliver a contend twice"));
        assertThat(Reports.of(tally, Reports.store(Hook.HOLD_REQUESTS)).level()).contains(Level.GOLD);
        assertThat(Reports.of(tally, Reports.store()).level()).contains(Level.BRONZE);
    }

    @Test
    void aStoreOfOneJvmIsNotGoldAndNeedsTheSilence() {
        TestedStore alone = new TestedStore(
                "store",
                "",
                Capabilities.of(LeaseScope.SESSION).sharedAcrossProcesses(false).build(),
                new UsedFixture("TheirFixture", false, false, Map.of()));
        assertThat(Reports.of(tally, alone).level()).contains(Level.SILVER);
        tally.skipped("Some.test", List.of("ME-4"), new HookMissing(Hook.SILENCE, "let a session expire"));
        assertThat(Reports.of(tally, alone).level()).contains(Level.BRONZE);
    }

    @Test
    void aShortHistoryIsNotGold() {
        tally.guarded(-1);
        assertThat(Reports.of(tally).level()).contains(Level.SILVER);
        assertThat(missing(Reports.of(tally), Level.GOLD))
                .containsExactly(Level.GUARDED_OPERATIONS - 1 + " guarded operations, not " + Level.GUARDED_OPERATIONS);
    }

    @Test
    void whatIsSkippedForAReasonThatIsNoHooksIsOfNoLevel() {
        tally.skipped("Some.test", List.of("ER-1"), new HookMissing("hear what is logged"));
        assertThat(Reports.of(tally).level()).isEmpty();
    }

    @Test
    void aBrokenRuleIsOfNoLevel() {
        tally.failed("Some.test", List.of("OR-1"), new AssertionError("seen"));
        assertThat(Reports.of(tally).level()).isEmpty();
        assertThat(missing(Reports.of(tally), Level.BRONZE)).containsExactly("broken: OR-1");
    }

    @Test
    void troubleOfTheKitsOwnIsOfNoLevel() {
        tally.failed("Some.test", List.of("OR-1"), new HarnessTrouble("no process"));
        assertThat(Reports.of(tally).level()).isEmpty();
    }

    @Test
    void partOfTheKitIsOfNoLevel() {
        Tally part = new Tally(Set.of("ME-1"));
        part.passed("Fencing.some", List.of("FT-1"));
        part.guarded(Level.GUARDED_OPERATIONS);
        assertThat(Reports.of(part).level()).isEmpty();
        assertThat(missing(Reports.of(part), Level.BRONZE))
                .singleElement()
                .asString()
                .contains("no part of this run");
    }

    @Test
    void whatIsNotClaimedCountsAgainstNoLevel() {
        tally.skipped("Some.test", List.of("OR-1"), new NotClaimed("no line"));
        assertThat(Reports.of(tally).level()).contains(Level.GOLD);
    }

    @Test
    void theTableEndsWithTheLevelAndWhatTheNextOneLacks() {
        TckReport report = without(Hook.RESIDUE);
        assertThat(report.table())
                .contains("level BRONZE")
                .contains("for SILVER: no residue(): CR-2, LO-5")
                .contains("TheirFixture")
                .endsWith("  " + report.summary() + "\n");
    }
}
