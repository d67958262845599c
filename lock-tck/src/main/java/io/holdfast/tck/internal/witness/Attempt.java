// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a history says of one attempt of one witness. Times are {@link #NEVER} when a thing did not happen. */
final class Attempt {
    static final long NEVER = Long.MIN_VALUE;

    final String witness;
    final int number;
    long askedAt = NEVER;
    long inLineAt = NEVER;
    long sessionsInLine;
    long heldAt = NEVER;
    long sessionsHeld;
    long token;
    long firstValid = NEVER;
    long lastValid = NEVER;
    long leftAt = NEVER;
    long lostAt = NEVER;
    long struckAt = NEVER;

    private Attempt(String witness, int number) {
        this.witness = witness;
        this.number = number;
    }

    boolean held() {
        return heldAt != NEVER;
    }

    /** When the hold was over, as far as the history tells; for one that was struck, when that happened. */
    long endedAt() {
        return leftAt != NEVER ? leftAt : struckAt != NEVER ? struckAt : lostAt;
    }

    private void add(Event event) {
        switch (event.kind()) {
            case ASKED -> askedAt = event.nanos();
            case IN_LINE -> {
                inLineAt = event.nanos();
                sessionsInLine = event.value();
            }
            case HELD -> {
                heldAt = event.nanos();
                token = event.token();
                sessionsHeld = event.value();
            }
            case VALID -> {
                firstValid = firstValid == NEVER ? event.nanos() : firstValid;
                lastValid = event.nanos();
            }
            case LEFT -> leftAt = event.nanos();
            case LOST -> lostAt = event.nanos();
            case STRUCK -> struckAt = event.nanos();
            case READ, WROTE -> {
                // Judged by the counter's own sequence.
            }
        }
    }

    /** The attempts of a history, in the order in which they were begun. */
    static List<Attempt> of(List<Event> events) {
        Map<String, Attempt> attempts = new LinkedHashMap<>();
        Map<String, Integer> latest = new LinkedHashMap<>();
        List<Event> sorted = new ArrayList<>(events);
        sorted.sort(Comparator.comparingLong(Event::nanos));
        for (Event event : sorted) {
            // Whoever strikes does not know which attempt is under way.
            int number = event.kind() == Event.Kind.STRUCK ? latest.getOrDefault(event.witness(), 1) : event.attempt();
            attempts.computeIfAbsent(event.witness() + "#" + number, k -> new Attempt(event.witness(), number))
                    .add(event);
            latest.merge(event.witness(), number, Math::max);
        }
        return List.copyOf(attempts.values());
    }

    String name() {
        return witness + "#" + number;
    }

    @Override
    public String toString() {
        return name() + (held() ? " (token " + token + ")" : "");
    }
}
