// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.util.Locale;

/** What a server said, fit for a message of ours: it may be anybody's server, and anybody's terminal or log. */
final class StoreWords {
    private static final int LONGEST = 200;

    private StoreWords() {}

    /** At most 200 characters, with every one that is not for reading escaped as Java does it. */
    static String shown(String said) {
        String kept = said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
        StringBuilder shown = new StringBuilder(kept.length());
        kept.codePoints().forEach(c -> {
            if (isForReading(c)) {
                shown.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    shown.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
            }
        });
        return shown.toString();
    }

    private static boolean isForReading(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> false;
            default -> true;
        };
    }
}
