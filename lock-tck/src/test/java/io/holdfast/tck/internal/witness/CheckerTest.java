// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.internal.witness.Checker.Terms;
import io.holdfast.tck.internal.witness.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories that must pass, and histories that must not, each by the one rule that it breaks. */
class CheckerTest {
    private static final long MS = 1_000_000;
    private static final Terms STRICT = new Terms(true, true, false, Duration.ofMillis(100), Duration.ofMillis(1000));

    private final List<Event> history = new ArrayList<>();
    private long end;

    @Test
    void acceptsHoldsThatFollowEachOther() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 1, 21, 30);
        hold("a", 2, 30, 22, 31, 40);
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void acceptsAnEmptyHistory() {
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void findsTwoValidHoldsAtOnce() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 1, 19, 30);
        assertOne("ME-1", "they overlap");
    }

    @Test
    void findsAnOverlapWithAHoldThatIsNotTheOneBefore() {
        hold("a", 1, 10, 0, 5, 60);
        hold("b", 1, 20, 1, 70, 80);
        hold("c", 1, 30, 2, 90, 95);
        at(91, "a", Kind.VALID, 1, 10, 0); // a goes on although b has held since
        assertThat(findings(STRICT)).extracting(Finding::rule).contains("ME-1");
    }

    @Test
    void anOverlapOfHoldsIsNoFindingWhereTheStoreDoesNotPromiseOtherwise() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 1, 19, 30);
        assertThat(findings(new Terms(false, true, true, Duration.ofMillis(100), Duration.ofMillis(1000))))
                .isEmpty();
    }

    @Test
    void findsATokenGivenTwice() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 10, 1, 21, 30);
        assertOne("FT-1", "given twice");
    }

    @Test
    void findsATokenThatWentBack() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 9, 15, 21, 30);
        assertOne("FT-1", "the smaller token");
    }

    @Test
    void findsATokenThatWasDrawnBeforeItsTurn() {
        // b asked before a held; but it held after it, and what has seen a's token refuses b's.
        hold("a", 1, 20, 0, 5, 20);
        hold("b", 1, 10, 1, 21, 30);
        assertOne("FT-1", "held after a#1 (token 20) and has the smaller token");
    }

    @Test
    void aSmallerTokenOfAHoldThatWasNeverSeenValidIsNoFinding() {
        hold("a", 1, 20, 0, 5, 20);
        at(1, "b", Kind.ASKED, 1, 0, 0);
        at(21, "b", Kind.HELD, 1, 10, 0); // stopped in between: its grant is long over
        at(22, "b", Kind.LOST, 1, 10, 0);
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void whereValidHoldsMayOverlapOnlyTheEndOfTheFirstTellsTheOrder() {
        Terms overlapping = new Terms(false, true, true, Duration.ofMillis(100), Duration.ofMillis(1000));
        hold("a", 1, 20, 0, 5, 30);
        hold("b", 1, 10, 1, 21, 40);
        assertThat(findings(overlapping)).extracting(Finding::rule).doesNotContain("FT-1");
        hold("c", 1, 15, 2, 45, 50);
        assertThat(findings(overlapping)).extracting(Finding::rule).contains("FT-1");
    }

    @Test
    void findsALostUpdate() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 1, 21, 30);
        at(15, "a", Kind.WROTE, 1, 10, 7);
        at(25, "b", Kind.WROTE, 1, 20, 7);
        assertOne("ME-1", "both wrote 7");
    }

    @Test
    void aLostUpdateOfAGuardedCounterIsTheGuards() {
        at(15, "a", Kind.WROTE, 1, 10, 7);
        at(25, "b", Kind.WROTE, 1, 20, 7);
        assertThat(findings(new Terms(true, true, true, Duration.ofMillis(100), Duration.ofMillis(1000))))
                .extracting(Finding::rule)
                .containsExactly("FT-5");
    }

    @Test
    void findsAWaiterBesideAReleasedLock() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 1, 121, 130);
        assertOne("WA-7", "although another waited");
    }

    @Test
    void aGapInWhichNobodyWaitedIsNoFinding() {
        hold("a", 1, 10, 0, 5, 20);
        hold("b", 1, 20, 115, 121, 130);
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void findsAWaiterThatWasNeverServed() {
        hold("a", 1, 10, 0, 5, 20);
        at(1, "b", Kind.ASKED, 1, 0, 0);
        end = 200;
        assertOne("WA-7", "although another waited");
    }

    @Test
    void findsATakeoverThatTookTooLong() {
        at(0, "a", Kind.ASKED, 1, 0, 0);
        at(5, "a", Kind.HELD, 1, 10, 1);
        at(6, "a", Kind.VALID, 1, 10, 0);
        at(10, "a", Kind.STRUCK, 0, 0, 0);
        hold("b", 1, 20, 1, 1011, 1020);
        assertOne("CR-1", "the bound is PT1S");
    }

    @Test
    void aTakeoverWithinItsBoundIsNoFinding() {
        at(0, "a", Kind.ASKED, 1, 0, 0);
        at(5, "a", Kind.HELD, 1, 10, 1);
        at(10, "a", Kind.STRUCK, 0, 0, 0);
        hold("b", 1, 20, 1, 1009, 1020);
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void findsAWaiterThatWasPassedOver() {
        hold("a", 1, 10, 0, 5, 20);
        at(2, "b", Kind.IN_LINE, 1, 0, 1);
        hold("c", 1, 20, 3, 21, 25);
        hold("b", 1, 30, 1, 26, 30);
        assertOne("OR-1", "held before it");
    }

    @Test
    void aWaiterThatLostItsSessionHasNoPlace() {
        hold("a", 1, 10, 0, 5, 20);
        at(2, "b", Kind.IN_LINE, 1, 0, 0); // a session less than when it held
        hold("c", 1, 20, 3, 21, 25);
        hold("b", 1, 30, 1, 26, 30);
        assertThat(findings(STRICT)).isEmpty();
    }

    @Test
    void orderIsNoFindingWhereTheStoreKeepsNoLine() {
        hold("a", 1, 10, 0, 5, 20);
        at(2, "b", Kind.IN_LINE, 1, 0, 1);
        hold("c", 1, 20, 3, 21, 25);
        hold("b", 1, 30, 1, 26, 30);
        assertThat(findings(new Terms(true, false, false, Duration.ofMillis(100), Duration.ofMillis(1000))))
                .isEmpty();
    }

    @Test
    void aLineOfTheJournalReadsBack() {
        Event event = new Event(-5, "w-1", Kind.HELD, 3, Long.MAX_VALUE, 2);
        assertThat(Event.of(event.line().strip())).isEqualTo(event);
    }

    /** A hold that is valid from its first moment to its last. */
    private void hold(String witness, int attempt, long token, long... times) {
        at(times[0], witness, Kind.ASKED, attempt, 0, 0);
        at(times[1], witness, Kind.HELD, attempt, token, 1);
        at(times[1], witness, Kind.VALID, attempt, token, 0);
        at(times[2], witness, Kind.VALID, attempt, token, 0);
        at(times[2], witness, Kind.LEFT, attempt, token, 0);
    }

    private void at(long millis, String witness, Kind kind, int attempt, long token, long value) {
        history.add(new Event(millis * MS, witness, kind, attempt, token, value));
        end = Math.max(end, millis);
    }

    private List<Finding> findings(Terms terms) {
        return Checker.check(terms, history, end * MS);
    }

    private void assertOne(String rule, String seen) {
        assertThat(findings(STRICT)).singleElement().satisfies(finding -> {
            assertThat(finding.rule()).isEqualTo(rule);
            assertThat(finding.seen()).contains(seen);
        });
    }
}
