// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import static io.holdfast.tck.internal.witness.Attempt.NEVER;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.FailingHistory.Span;
import io.holdfast.tck.FailingHistory.Strike;
import io.holdfast.tck.FailingHistory.Times;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/** Cuts out of a history what shows a rule broken, with a little of what was before and after it. */
public final class Excerpt {
    /** More is not drawn: those nearest to the end of the window stay, since that is where it broke. */
    private static final int MOST_SPANS = 80;

    private static final long LEAST_MARGIN_NANOS = 500_000;

    private final Finding finding;
    private final List<Event> events;
    private final List<Attempt> attempts;

    private Excerpt(Finding finding, List<Event> events) {
        this.finding = finding;
        this.events = events;
        this.attempts = Attempt.of(events);
    }

    /** The window around the holds that a finding is about; the whole history when it names none. */
    public static FailingHistory of(Finding finding, List<Event> events) {
        return new Excerpt(finding, events).cut();
    }

    private FailingHistory cut() {
        List<Attempt> blamed = attempts.stream().filter(this::isBlamed).toList();
        List<Attempt> about = blamed.isEmpty() ? attempts : blamed;
        long first = about.stream().mapToLong(Excerpt::begin).min().orElse(0);
        long last = about.stream().mapToLong(Excerpt::end).max().orElse(0);
        long margin = Math.max(LEAST_MARGIN_NANOS, (last - first) / 8);
        long from = first - margin;
        long to = last + margin;
        List<Span> spans = attempts.stream()
                .filter(attempt -> askedOr(attempt, begin(attempt)) <= to && end(attempt) >= from)
                .sorted(Comparator.comparing(this::isBlamed)
                        .reversed()
                        .thenComparing(Comparator.comparingLong(Excerpt::begin).reversed()))
                .limit(MOST_SPANS)
                .sorted(Comparator.comparingLong(attempt -> askedOr(attempt, begin(attempt))))
                .map(attempt -> span(attempt, from))
                .toList();
        List<Strike> strikes = events.stream()
                .filter(event -> event.kind() == Event.Kind.STRUCK && event.nanos() >= from && event.nanos() <= to)
                .map(event -> new Strike(
                        event.witness(), event.nanos() - from, event.value() == Event.STOPPED ? "stopped" : "killed"))
                .toList();
        return new FailingHistory(finding.rule(), finding.seen(), spans, strikes);
    }

    private boolean isBlamed(Attempt attempt) {
        return finding.attempts().contains(attempt.name());
    }

    private Span span(Attempt attempt, long from) {
        Times times = new Times(
                since(attempt.askedAt, from),
                since(attempt.heldAt, from),
                since(attempt.lastValid, from),
                since(attempt.endedAt(), from));
        return new Span(attempt.name(), attempt.token, times, isBlamed(attempt));
    }

    private static long since(long time, long from) {
        return time == NEVER ? FailingHistory.NEVER : time - from;
    }

    private static long askedOr(Attempt attempt, long otherwise) {
        return attempt.askedAt == NEVER ? otherwise : attempt.askedAt;
    }

    /** When it held; when it asked, if it did not. */
    private static long begin(Attempt attempt) {
        return attempt.held() ? attempt.heldAt : askedOr(attempt, attempt.struckAt);
    }

    private static long end(Attempt attempt) {
        return LongStream.of(begin(attempt), attempt.lastValid, attempt.endedAt())
                .max()
                .orElseThrow();
    }
}
