// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contenders for one name, in the order of the numbers that ZooKeeper gave their nodes; immutable.
 *
 * <p>Nodes of other programs count as long as ZooKeeper numbered them: ten digits, or a minus and nine or ten. After 2^31 contenders
 * under one container ZooKeeper gives everybody the same number, 2147483647, and the order is lost; before it has given that one, a
 * number may be negative.
 */
final class Line {
    /** What stands before the number, as in Curator's recipes. */
    static final String LOCK = "lock-";

    private static final String NEGATIVE = LOCK + "-";

    /** From here on no number is taken for a place: the last million (rule FT-7). */
    static final int LAST_NUMBERS = Integer.MAX_VALUE - (1 << 20);

    /** ZooKeeper fills up to this many. */
    private static final int DIGITS = 10;

    private final List<Place> places;

    private record Place(int number, String node) {}

    private Line(List<Place> places) {
        this.places = places;
    }

    static Line of(Collection<String> children) {
        List<Place> places = new ArrayList<>(children.size());
        for (String child : children) {
            Place place = place(child);
            if (place != null) {
                places.add(place);
            }
        }
        places.sort((a, b) -> a.number != b.number ? Integer.compare(a.number, b.number) : a.node.compareTo(b.node));
        return new Line(Collections.unmodifiableList(places));
    }

    /**
     * By hand: a pattern was a tenth of what a hand-over costs a client. A minus belongs to the number only behind the mark of a lock:
     * others put one before it themselves.
     */
    private static @Nullable Place place(String node) {
        int from = node.length();
        while (from > 0 && node.length() - from < DIGITS && isDigit(node.charAt(from - 1))) {
            from--;
        }
        int digits = node.length() - from;
        boolean negative = digits >= DIGITS - 1 && node.startsWith(NEGATIVE, from - NEGATIVE.length());
        if (digits < DIGITS && !negative) {
            return null;
        }
        long number = Long.parseLong(node, negative ? from - 1 : from, node.length(), 10);
        return number == (int) number ? new Place((int) number, node) : null;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    int length() {
        return places.size();
    }

    /** Who holds; null when nobody is there. */
    @Nullable
    String first() {
        return places.isEmpty() ? null : places.get(0).node;
    }

    /** How many are before a node; -1 when it is not there. */
    int ahead(String node) {
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i).node.equals(node)) {
                return i;
            }
        }
        return -1;
    }

    /** The node with so many before it. */
    String at(int ahead) {
        return places.get(ahead).node;
    }

    /** Whether the numbers are near their end, or past it, for the node with so many before it. */
    boolean isNearItsEnd(int ahead) {
        return places.get(0).number < 0 || places.get(ahead).number >= LAST_NUMBERS;
    }

    @Override
    public String toString() {
        return places.size() + " in line";
    }
}
