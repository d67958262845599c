// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.FailingHistory.Span;
import io.holdfast.tck.internal.witness.Checker.Terms;
import io.holdfast.tck.internal.witness.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is cut out of a history that shows a rule broken. */
class ExcerptTest {
    private static final long STEP = 10_000_000;
    private static final Terms CLASS_A = new Terms(true, false, false, Duration.ofSeconds(10), Duration.ofSeconds(10));

    private final List<Event> events = new ArrayList<>();

    private void hold(String witness, int attempt, long token, long from, long to) {
        events.add(new Event(from - STEP / 2, witness, Kind.ASKED, attempt, 0, 0));
        events.add(new Event(from, witness, Kind.HELD, attempt, token, 0));
        events.add(new Event(from, witness, Kind.VALID, attempt, token, 0));
        events.add(new Event(to, witness, Kind.VALID, attempt, token, 0));
        events.add(new Event(to, witness, Kind.LEFT, attempt, token, 0));
    }

    @Test
    void theTwoHoldsThatOverlapAreBlamedAndWhatIsFarAwayIsLeftOut() {
        for (int i = 1; i <= 500; i++) {
            hold("w" + i % 4, i, i, i * STEP, i * STEP + STEP / 2);
        }
        hold("w9", 1, 251, 250 * STEP + STEP / 4, 250 * STEP + STEP * 3 / 4);
        events.removeIf(event -> event.attempt() == 251);
        events.add(new Event(250 * STEP + STEP / 2, "w3", Kind.STRUCK, 0, 0, Event.STOPPED));

        List<Finding> findings = Checker.check(CLASS_A, events, 600 * STEP);
        assertThat(findings).extracting(Finding::rule).contains("ME-1");
        FailingHistory history = Excerpt.of(findings.get(0), events);

        assertThat(history.spans().stream().filter(Span::blamed).map(Span::name))
                .containsExactlyInAnyOrder("w2#250", "w9#1");
        assertThat(history.spans()).hasSizeBetween(2, 6);
        assertThat(history.strikes()).singleElement().satisfies(strike -> {
            assertThat(strike.what()).isEqualTo("stopped");
            assertThat(strike.witness()).isEqualTo("w3");
        });
        Span first = history.spans().get(0);
        assertThat(first.times().held()).isBetween(0L, STEP);
        assertThat(first.times().lastValid() - first.times().held()).isEqualTo(STEP / 2);
    }
}
