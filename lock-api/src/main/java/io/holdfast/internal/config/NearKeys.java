// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.spi.Spelling;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What was probably meant by a key that nobody knows (rule CF-2): one with few characters wrong, or of which it is a part. */
final class NearKeys {
    /** A shorter part is in too many. */
    private static final int SHORTEST_PART = 3;

    /** More than so many are no help. */
    private static final int MOST = 4;

    private NearKeys() {}

    /**
     * A key that would have been right.
     *
     * @param whole as it is written where the wrong one was
     * @param key the part of it to compare, without what every key there begins with
     * @param typed what stands in its place
     */
    record Candidate(String whole, String key, String typed) {
        Candidate {
            key = key.toLowerCase(Locale.ROOT);
            typed = typed.toLowerCase(Locale.ROOT);
        }

        int distance() {
            return Spelling.distance(typed, key);
        }

        /** One character in a short word, and one more for each five. */
        boolean isMisspelt() {
            int shorter = Math.min(typed.length(), key.length());
            return distance() <= Math.min(shorter / 2, 1 + shorter / 5);
        }

        boolean isBeginning() {
            return typed.length() >= SHORTEST_PART && key.startsWith(typed);
        }

        boolean isPart() {
            return (typed.length() >= SHORTEST_PART && key.contains(typed))
                    || (key.length() >= SHORTEST_PART && typed.contains(key));
        }
    }

    /** The end of a sentence; nothing where none is near. */
    static String advice(Collection<Candidate> known) {
        List<Candidate> misspelt = known.stream()
                .filter(Candidate::isMisspelt)
                .sorted(Comparator.comparingInt(Candidate::distance)
                        .thenComparing(candidate -> candidate.whole().length())
                        .thenComparing(Candidate::whole))
                .limit(1)
                .toList();
        if (!misspelt.isEmpty()) {
            return listed(misspelt);
        }
        List<Candidate> beginnings =
                known.stream().filter(Candidate::isBeginning).toList();
        return listed(
                beginnings.isEmpty() ? known.stream().filter(Candidate::isPart).toList() : beginnings);
    }

    private static String listed(List<Candidate> near) {
        List<String> names = near.stream()
                .map(Candidate::whole)
                .distinct()
                .sorted()
                .limit(MOST)
                .toList();
        return switch (names.size()) {
            case 0 -> "";
            case 1 -> "; the nearest known one is " + names.get(0);
            default -> "; the nearest known ones are " + String.join(", ", names);
        };
    }
}
