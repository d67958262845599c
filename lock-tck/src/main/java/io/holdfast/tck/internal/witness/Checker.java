// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import static io.holdfast.tck.internal.witness.Attempt.NEVER;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a history and says which rules it shows broken.
 *
 * <p>With unique tokens no search over interleavings is needed: each check sorts once. Times are compared within one machine's
 * monotonic clock. What the history leaves open is never called broken.
 */
public final class Checker {
    private final Terms terms;
    private final List<Event> events;
    private final List<Attempt> attempts;
    private final List<Attempt> holds;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * What the history is judged by.
     *
     * @param disjoint whether valid holds never overlap (class A)
     * @param inOrder whether the store keeps a line
     * @param guarded whether the counter refused old tokens
     * @param handover the longest from a release to the next hold
     * @param takeover the longest from the end of a holder that could not release to the next hold
     */
    public record Terms(boolean disjoint, boolean inOrder, boolean guarded, Duration handover, Duration takeover) {}

    private Checker(Terms terms, List<Event> events) {
        this.terms = terms;
        this.events = events;
        this.attempts = Attempt.of(events);
        this.holds = attempts.stream()
                .filter(Attempt::held)
                .sorted(Comparator.comparingLong(hold -> hold.heldAt))
                .toList();
    }

    /**
     * Judges a history.
     *
     * @param end when the witnesses were told to stop
     */
    public static List<Finding> check(Terms terms, List<Event> events, long end) {
        Checker checker = new Checker(terms, events);
        checker.tokensAreUnique();
        checker.tokensFollowRealTime();
        if (checker.findings.isEmpty()) {
            checker.tokensFollowTheHolds();
        }
        boolean tokensTellTheOrder = checker.findings.isEmpty();
        if (terms.disjoint()) {
            checker.validHoldsAreDisjoint();
        }
        checker.noUpdateIsLost();
        checker.nobodyWaitsBesideAFreeLock(end);
        if (terms.inOrder() && tokensTellTheOrder) {
            checker.placesAreKept();
        }
        return List.copyOf(checker.findings);
    }

    private void found(String rule, String seen, Attempt... about) {
        findings.add(
                new Finding(rule, seen, Arrays.stream(about).map(Attempt::name).toList()));
    }

    private void tokensAreUnique() {
        Map<Long, Attempt> byToken = new HashMap<>();
        for (Attempt hold : holds) {
            Attempt other = byToken.put(hold.token, hold);
            if (other != null) {
                found("FT-1", "token " + hold.token + " was given twice: to " + other + " and to " + hold, other, hold);
            }
        }
    }

    /** Whoever asked after another held has the larger token. */
    private void tokensFollowRealTime() {
        TreeMap<Long, Attempt> largestByHeldAt = new TreeMap<>();
        Attempt largest = null;
        for (Attempt hold : holds) {
            largest = largest == null || hold.token > largest.token ? hold : largest;
            largestByHeldAt.put(hold.heldAt, largest);
        }
        for (Attempt hold : holds) {
            Map.Entry<Long, Attempt> before = largestByHeldAt.lowerEntry(hold.askedAt);
            if (before != null && before.getValue().token > hold.token) {
                found(
                        "FT-1",
                        hold + " asked after " + before.getValue() + " held, and has the smaller token",
                        before.getValue(),
                        hold);
            }
        }
    }

    /**
     * Of two valid holds the later one has the larger token, whoever asked first: a token may be drawn for a place, but not go
     * back with the turns.
     *
     * <p>A hold that said after its grant that it is valid was valid when the grant was handed over, since nothing dead comes
     * alive. Where valid holds never overlap, that tells which of two came first; elsewhere only the end of one before the other.
     */
    private void tokensFollowTheHolds() {
        TreeMap<Long, Attempt> largestSince = new TreeMap<>();
        List<Attempt> valid = holds.stream()
                .filter(hold -> hold.firstValid != NEVER)
                .filter(hold -> terms.disjoint() || hold.leftAt != NEVER)
                .sorted(Comparator.comparingLong(this::wasValidAt))
                .toList();
        Attempt largest = null;
        for (Attempt hold : valid) {
            largest = largest == null || hold.token > largest.token ? hold : largest;
            largestSince.put(wasValidAt(hold), largest);
        }
        for (Attempt hold : holds) {
            Map.Entry<Long, Attempt> before = largestSince.lowerEntry(hold.heldAt);
            if (hold.firstValid != NEVER
                    && before != null
                    && before.getValue().token > hold.token
                    // Of two that were valid at once neither came first: ME-1 is what they break.
                    && before.getValue().lastValid < hold.firstValid) {
                found(
                        "FT-1",
                        hold + " held after " + before.getValue()
                                + " and has the smaller token: a resource that has seen the larger one refuses it",
                        before.getValue(),
                        hold);
            }
        }
    }

    /** A moment at which the hold was valid, and not later than the beginning of a hold that came after it. */
    private long wasValidAt(Attempt hold) {
        return terms.disjoint() ? hold.heldAt : hold.leftAt;
    }

    private void validHoldsAreDisjoint() {
        List<Attempt> valid = holds.stream()
                .filter(hold -> hold.firstValid != NEVER)
                .sorted(Comparator.comparingLong(hold -> hold.firstValid))
                .toList();
        Attempt latest = null;
        for (Attempt hold : valid) {
            if (latest != null && latest.lastValid >= hold.firstValid) {
                found(
                        "ME-1",
                        hold + " was valid while " + latest + " still was: they overlap by "
                                + Duration.ofNanos(Math.min(latest.lastValid, hold.lastValid) - hold.firstValid),
                        latest,
                        hold);
            }
            latest = latest == null || hold.lastValid > latest.lastValid ? hold : latest;
        }
    }

    /** Each write must add one to a value of its own: the same value twice means that one of two updates is lost. */
    private void noUpdateIsLost() {
        Map<Long, Event> byValue = new HashMap<>();
        for (Event event : events) {
            if (event.kind() == Event.Kind.WROTE) {
                Event other = byValue.put(event.value(), event);
                if (other != null) {
                    List<String> both =
                            List.of(other.witness() + "#" + other.attempt(), event.witness() + "#" + event.attempt());
                    findings.add(new Finding(
                            terms.guarded() ? "FT-5" : "ME-1",
                            "an update is lost: " + String.join(" and ", both) + " both wrote " + event.value(),
                            both));
                }
            }
        }
    }

    private void nobodyWaitsBesideAFreeLock(long end) {
        for (int i = 0; i < holds.size(); i++) {
            Attempt hold = holds.get(i);
            long free = hold.endedAt();
            if (free == NEVER) {
                continue; // it held until the end
            }
            boolean released = hold.leftAt != NEVER && hold.lostAt == NEVER;
            Duration bound = released ? terms.handover() : terms.takeover();
            long next = i + 1 < holds.size() ? holds.get(i + 1).heldAt : end;
            if (next - free > bound.toNanos() && someoneWaited(free, next)) {
                found(
                        released ? "WA-7" : "CR-1",
                        "after the end of " + hold + " nobody held for " + Duration.ofNanos(next - free)
                                + " although another waited; the bound is " + bound,
                        hold);
            }
        }
    }

    /** Whether an attempt was waiting, its process alive, during the whole of a time. */
    private boolean someoneWaited(long from, long to) {
        return attempts.stream()
                .anyMatch(attempt -> attempt.askedAt != NEVER
                        && attempt.askedAt < from
                        && (!attempt.held() || attempt.heldAt >= to)
                        && (attempt.struckAt == NEVER || attempt.struckAt > to));
    }

    /** Whose place the store acknowledged before another asked, holds first, unless its session was lost. */
    private void placesAreKept() {
        List<Attempt> placed = holds.stream()
                .filter(hold ->
                        hold.inLineAt != NEVER && hold.struckAt == NEVER && hold.sessionsHeld == hold.sessionsInLine)
                .sorted(Comparator.comparingLong((Attempt hold) -> hold.inLineAt)
                        .reversed())
                .toList();
        List<Attempt> byAsked = holds.stream()
                .sorted(Comparator.comparingLong((Attempt hold) -> hold.askedAt).reversed())
                .toList();
        // Of each witness the hold with the smallest token among those
        // that asked later; one pass from the end of the history.
        Map<String, Attempt> smallestLater = new HashMap<>();
        int next = 0;
        for (Attempt first : placed) {
            for (; next < byAsked.size() && byAsked.get(next).askedAt > first.inLineAt; next++) {
                smallestLater.merge(byAsked.get(next).witness, byAsked.get(next), (a, b) -> a.token < b.token ? a : b);
            }
            for (Attempt later : smallestLater.values()) {
                if (!later.witness.equals(first.witness) && later.token < first.token) {
                    found(
                            "OR-1",
                            later + " asked after the place of " + first + " was acknowledged, and held before it",
                            later,
                            first);
                }
            }
        }
    }
}
