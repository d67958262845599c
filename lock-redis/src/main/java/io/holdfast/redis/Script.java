// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The Lua scripts, one a step; what each takes and answers stands at its head. */
enum Script {
    CONTEND,
    RENEW,
    RELEASE,
    WITHDRAW,
    FORCE,
    INSPECT,
    LIST,
    RIGHTS,
    DIAGNOSE;

    private static final String SHARED = "--SHARED--\n";

    private final String text;
    private final String sha;

    Script() {
        String own = resource(name().toLowerCase(Locale.ROOT));
        // Which rights are missing must be told without using one of them.
        text = name().equals("RIGHTS") ? own : resource("begin") + withShared(own);
        sha = sha1(text);
    }

    String text() {
        return text;
    }

    /** What EVALSHA calls it by. */
    String sha() {
        return sha;
    }

    /** Where a step's usual case goes without what the steps share, that stands behind it. */
    private static String withShared(String own) {
        int usual = own.indexOf(SHARED);
        return usual < 0
                ? resource("shared") + own
                : own.substring(0, usual) + resource("shared") + own.substring(usual + SHARED.length());
    }

    private static String resource(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the jar of lock-redis lacks " + name + ".lua");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The digest that Redis' {@code sha1hex} makes. */
    static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
