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
            "e",
            "\u212a",
            "k",
            "\uff21",
            "\u03c2",
            "\u03c3",
            "\u304b",
            "\u30ab",
            "\u212b",
            "\u00c5",
            "\ufb01",
            "fi",
            "\u00df",
            "ss",
            // Alike to a collation that looks at nothing but letters and digits.
            "\u0131",
            "i",
            "1",
            "\u0661",
            "\u00b9",
            "\u00e6",
            "ae",
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
            // What is trimmed, padded, left out, or has no place in a code page.
            " ",
            "\t",
            "\u00a0",
            "\u3000",
            "\u00ad",
            "a  b",
            "a\tb",
            "?",
            "\u65e5",
            "\u672c",
            "\u0161",
            "  a",
            "a  ");

    /** Base64 of the two of a pair differs in case only. */
    private static final List<String> ENCODED_ALIKE = List.of("aab", "aaH");

    private static final String NAME = "NAME";

    /** What a backend may keep beside a lock, under a key made of the lock's. */
    private static final List<String> BESIDE = List.of(
            "NAME:token",
            "NAME:fence",
            "NAME:queue",
            "NAME:waiters",
            "NAME:owner",
            "NAME:holder",
            "NAME:lock",
            "NAME:seq",
            "NAME:counter",
            "NAME:channel",
            "NAME/token",
            "NAME/lock",
            "NAME/queue",
            "NAME/seq",
            "NAME.token",
            "NAME.lock",
            "NAME-token",
            "NAME-lock",
            "NAME_token",
            "NAME_lock",
            "token:",
            "fence:",
            "queue:",
            "lock:",
            "token/",
            "lock/");

    /** One number, and the same one as far as a double tells. */
    private static final List<String> NUMBERS = List.of(
            "7303101",
            "07303101",
            "7303101.0",
            "+7303101",
            "7303101L",
            "7.303101e6",
            "0x6f6fbd",
            "9007199254740992",
            "9007199254740993",
            "true",
            "TRUE",
            "nil",
            "NaN");

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
        for (Collisions.Pair pair : Collisions.all(stem)) {
            names.add(pair.one());
            names.add(pair.other());
        }
        // Behind a beginning that is kept as it is, the rest may be hashed.
        for (Collisions.Pair pair : Collisions.all(stem + "n".repeat(300))) {
            names.add(pair.one());
            names.add(pair.other());
        }
        ENCODED_ALIKE.forEach(part -> {
            names.add(part + stem);
            names.add("-" + part + stem);
            names.add("--" + part + stem);
        });
        BESIDE.forEach(part -> names.add(part.startsWith(NAME) ? stem + part.substring(NAME.length()) : part + stem));
        names.addAll(NUMBERS);
        names.removeIf(name -> name.getBytes(StandardCharsets.UTF_8).length > LONGEST);
        return new ArrayList<>(names);
    }
}
