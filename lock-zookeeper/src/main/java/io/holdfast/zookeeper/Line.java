// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** From here on no number is taken for a place: the last million (rule FT-7). */
    static final int LAST_NUMBERS = Integer.MAX_VALUE - (1 << 20);

    /** A minus belongs to the number only behind the mark of a lock: others put one before it themselves. */
    private static final Pattern NUMBERED = Pattern.compile(".*" + LOCK + "(-[0-9]{9,10})|.*?([0-9]{10})");

    private final List<Place> places;

    private record Place(int number, String node) {}

    private Line(List<Place> places) {
        this.places = places;
    }

    static Line of(Collection<String> children) {
        List<Place> places = new ArrayList<>(children.size());
        for (String child : children) {
            Matcher numbered = NUMBERED.matcher(child);
            if (numbered.matches()) {
                String negative = numbered.group(1);
                long number = Long.parseLong(negative != null ? negative : numbered.group(2));
                if (number == (int) number) {
                    places.add(new Place((int) number, child));
                }
            }
        }
        places.sort((a, b) -> a.number != b.number ? Integer.compare(a.number, b.number) : a.node.compareTo(b.node));
        return new Line(Collections.unmodifiableList(places));
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
