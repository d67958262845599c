// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An empty file in a name's directory that says by its own name all there is to say, so that it is made, exchanged and removed
 * in one step each, and needs no room on a full disk.
 *
 * @param kind what it says
 * @param number of a place: its number in the line; else the token
 * @param session whose place or hold; of an unclean mark the host's time in milliseconds instead
 * @param contender the contender's id; 0 for an unclean mark
 */
record Mark(Kind kind, long number, String session, long contender) {
    private static final Pattern FORM =
            Pattern.compile("(place|holder|unclean)-(\\d{16})-([0-9a-f]{16})-([0-9a-f]{16})");

    enum Kind {
        /** Somebody is in line. */
        PLACE,
        /** Somebody holds. */
        HOLDER,
        /** The holder with this token was first seen dead at this time. */
        UNCLEAN
    }

    static Mark place(long number, String session, long contender) {
        return new Mark(Kind.PLACE, number, session, contender);
    }

    static Mark unclean(long token, long millis) {
        return new Mark(Kind.UNCLEAN, token, hex(millis), 0);
    }

    /** The same contender at a place. */
    Mark placed(long place) {
        return new Mark(Kind.PLACE, place, session, contender);
    }

    /** Whether both are of one contender, a place or a hold. */
    boolean isOf(Mark other) {
        return kind != Kind.UNCLEAN && contender == other.contender && session.equals(other.session);
    }

    Mark granted(long token) {
        return new Mark(Kind.HOLDER, token, session, contender);
    }

    long millis() {
        return Long.parseUnsignedLong(session, 16);
    }

    String fileName() {
        return String.format(
                Locale.ROOT, "%s-%016d-%s-%s", kind.name().toLowerCase(Locale.ROOT), number, session, hex(contender));
    }

    /** The mark that a file's name makes; null when it is none of ours. */
    static @Nullable Mark parse(String fileName) {
        Matcher parts = FORM.matcher(fileName);
        if (!parts.matches()) {
            return null;
        }
        Kind kind = Kind.valueOf(parts.group(1).toUpperCase(Locale.ROOT));
        return new Mark(
                kind, Long.parseLong(parts.group(2)), parts.group(3), Long.parseUnsignedLong(parts.group(4), 16));
    }

    /** Of a file that must be ours. */
    static Mark of(Path file) throws IOException {
        Mark mark = parse(NameCodec.last(file));
        if (mark == null) {
            throw new IOException(file + " is no file of a lock");
        }
        return mark;
    }

    static String hex(long value) {
        return String.format(Locale.ROOT, "%016x", value);
    }
}
