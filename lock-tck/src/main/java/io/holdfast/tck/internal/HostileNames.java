// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Names that a store's own syntax gives a meaning to, and names that look like each other. */
public final class HostileNames {
    private static final List<String> PARTS = List.of(
            // Case, and letters whose case or normal form is not one-to-one.
            "A",
            "a",
            "\u0130",
            "i\u0307",
            "\u00e9",
            "e\u0301",
            "\u212b",
            "\u00c5",
            "\ufb01",
            "fi",
            "\u00df",
            "ss",
            // Separators and paths.
            "a/b",
            "a//b",
            "a-b",
            "",
            "a/b/",
            "/a/b",
            "a%2Fb",
            "a%2fb",
            "a%252Fb",
            ".",
            "..",
            "./a",
            "../a",
            "a/..",
            "a\\b",
            "a:b",
            "a{b}",
            "{a}b",
            "{}",
            "a|b",
            "a;b",
            "a,b",
            // Protocols, patterns, shells, markup.
            "a b",
            "a+b",
            "a%20b",
            "a?recurse",
            "a#b",
            "a&b=c",
            "*",
            "a*",
            "[a]",
            "a?",
            "$a",
            "`a`",
            "'a'",
            "\"a\"",
            "<a>",
            "a\r\nb",
            "a\nb",
            "a\tb",
            "\u0000",
            "a\u0000",
            "\u007f",
            "\u0085",
            "\u2028",
            "\u200b",
            "\u202e",
            "\ufeff",
            "\ufffd",
            // Beyond the basic plane, and what stands for it in other encodings.
            "\ud83d\ude00",
            "\ud83d\ude01",
            "\udbff\udfff",
            "\uffff",
            "=?utf-8?q?a?=",
            "xn--a",
            "\\u0061",
            "%61",
            "&#97;",
            // What encodings are tempted to use for themselves.
            "_",
            "__",
            "a_b",
            "a__b",
            "_2f",
            "~",
            "~a",
            "-",
            "--",
            "a.b",
            ".a",
            "a.",
            "null",
            "0",
            "00",
            "-1",
            " ",
            "  a",
            "a  ");

    private static final int LONGEST = 512;

    private HostileNames() {}

    /**
     * The names.
     *
     * @param stem a name that nobody else uses; each name is made of it and a part, and some of their forms are cut to where
     *     an encoding changes
     */
    public static List<String> all(String stem) {
        Set<String> names = new LinkedHashSet<>();
        for (String part : PARTS) {
            names.add(part + stem);
            names.add(stem + part);
        }
        // Lengths around those at which an encoding may shorten: they differ in the last character only.
        for (int length : new int[] {63, 64, 127, 128, 199, 200, 201, 254, 255, 256, 500, 511}) {
            String longOne = (stem + "-" + "n".repeat(512)).substring(0, length);
            names.add(longOne + "a");
            names.add(longOne + "b");
        }
        // Shortened by leaving out the beginning, or the middle.
        for (int length : new int[] {64, 128, 255, 400}) {
            String rest = "n".repeat(length) + stem;
            names.add("a" + rest);
            names.add("b" + rest);
            names.add(stem + rest + "a" + rest.substring(stem.length()));
            names.add(stem + rest + "b" + rest.substring(stem.length()));
        }
        Collisions.all(stem).values().forEach(names::addAll);
        names.removeIf(name -> name.getBytes(StandardCharsets.UTF_8).length > LONGEST);
        return new ArrayList<>(names);
    }
}
