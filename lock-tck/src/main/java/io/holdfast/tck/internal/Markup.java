// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

/** Writes text into HTML and SVG so that it stays text: names and messages come from stores and strangers. */
final class Markup {
    private Markup() {}

    /** For an element or a quoted attribute; what cannot be seen, or turns the direction of a line, is shown by its number. */
    static String text(String any) {
        StringBuilder out = new StringBuilder(any.length() + 16);
        any.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n' -> out.append('\n');
                default -> {
                    if (isSeen(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(String.format("\\u{%x}", c));
                    }
                }
            }
        });
        return out.toString();
    }

    private static boolean isSeen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** An element with text. */
    static String element(String tag, String any) {
        return "<" + tag + ">" + text(any) + "</" + tag + ">";
    }

    /** An element of a class with text. */
    static String element(String tag, String type, String any) {
        return "<" + tag + " class=\"" + text(type) + "\">" + text(any) + "</" + tag + ">";
    }
}
