// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.util.stream.Stream;

/**
 * How far a release of etcd keeps a former leader from having leases revoked that its successor keeps alive (etcd#15247).
 *
 * <p>That takes a successor: in a cluster of one member it does not happen.
 */
enum LeaseFix {
    /** Not at all. */
    NONE,
    /**
     * Unless the former leader has had a tick in the last 300 ms. One that stood still as a whole, as a stopped process or a machine
     * that was paused, has its first tick as soon as it goes on.
     */
    IN_PART,
    /** A majority is asked first whether it still is the leader. */
    WHOLE;

    private static final int[] NOT_NUMBERS = {};

    /** What a release has, by the sources of 3.4.31 to 3.4.37, 3.5.13 to 3.5.21 and 3.6.0 to 3.6.4; newer ones are taken as these. */
    static LeaseFix of(String version) {
        int[] parts = parts(version);
        if (parts.length != 3 || parts[0] < 3) {
            return NONE;
        }
        if (parts[0] > 3 || parts[1] >= 6) {
            return IN_PART;
        }
        return switch (parts[1]) {
            case 4 -> of(parts[2], 31, 34);
            case 5 -> of(parts[2], 13, 16);
            default -> NONE;
        };
    }

    private static LeaseFix of(int patch, int whole, int inPart) {
        if (patch < whole) {
            return NONE;
        }
        return patch < inPart ? WHOLE : IN_PART;
    }

    private static int[] parts(String version) {
        String[] parts = version.replaceFirst("[-+].*", "").split("\\.");
        return Stream.of(parts).allMatch(part -> part.matches("[0-9]{1,6}"))
                ? Stream.of(parts).mapToInt(Integer::parseInt).toArray()
                : NOT_NUMBERS;
    }
}
