// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.NameCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Lock names as directories, and back; no two names share one, and none leads out of the directory they are in (rules NA-2,
 * NA-3).
 *
 * <p>They are in {@link NameCode} with {@code %XX}. What is longer than a file name may be is cut into a path whose directories end
 * with {@code +}, which nothing else contains; an end of such a path that is dots alone is escaped, too. Where a file system takes
 * {@code A} for {@code a}, so are capital letters.
 */
final class NameCodec {
    /** A file name has 255 bytes at most; some file systems over others leave a few less. */
    static final int SEGMENT = 240;

    private static final char CONTINUED = '+';
    private static final String DOT = "%2E";

    private final NameCode code;

    /** @param foldsCase whether the file system takes {@code A} for {@code a} */
    NameCodec(boolean foldsCase) {
        NameCode percent = NameCode.escapedBy('%');
        this.code = foldsCase ? percent.withoutCapitals() : percent;
    }

    /** The directory of a name below the one of all names. */
    Path resolve(Path names, String name) {
        String rest = encode(name);
        Path at = names;
        while (rest.length() > SEGMENT) {
            at = at.resolve(rest.substring(0, SEGMENT) + CONTINUED);
            rest = rest.substring(SEGMENT);
        }
        return at.resolve(isDots(rest) ? rest.replace(".", DOT) : rest); // the end of a long name may be dots alone
    }

    /** The two names of directories that lead elsewhere. */
    private static boolean isDots(String segment) {
        return segment.equals(".") || segment.equals("..");
    }

    /** Whether a directory is a part of longer names and no name's own. */
    static boolean isContinued(Path directory) {
        return last(directory).endsWith(String.valueOf(CONTINUED));
    }

    /** The name of a directory below the one of all names; null when none of ours is stored so. */
    @Nullable
    String decode(Path names, Path directory) {
        StringBuilder encoded = new StringBuilder();
        Path steps = names.relativize(directory);
        for (Path step : steps) {
            String end = step.toString().replace(DOT, ".");
            encoded.append(steps.getNameCount() > 1 && isDots(end) ? end : step);
        }
        String text = encoded.toString().replace(String.valueOf(CONTINUED), "");
        return code.decode(text)
                .filter(name -> resolve(names, name).equals(directory))
                .orElse(null);
    }

    String encode(String name) {
        return code.encode(name);
    }

    static String last(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
