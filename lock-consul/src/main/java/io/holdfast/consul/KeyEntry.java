// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A key in Consul, as an answer shows it.
 *
 * @param key its path
 * @param session who locked it; empty when nobody did, or when that session has ended
 * @param created Consul's index when it was made: of a contender, its place in line and its token
 * @param modified Consul's index when it was last written
 * @param value its text
 */
record KeyEntry(String key, String session, long created, long modified, String value) {
    /** As Consul shows it, among fields that do not matter here. */
    static KeyEntry read(Json in) {
        String key = "";
        String session = "";
        String value = "";
        long created = 0;
        long modified = 0;
        for (String name = in.firstName(); name != null; name = in.nextName()) {
            switch (name) {
                case "Key" -> key = in.text();
                case "Session" -> session = in.text();
                case "Value" -> value = in.text();
                case "CreateIndex" -> created = in.number();
                case "ModifyIndex" -> modified = in.number();
                default -> in.skip();
            }
        }
        if (key.isEmpty() || created == 0 || modified == 0) {
            throw new IllegalStateException("an entry without a key or an index");
        }
        return new KeyEntry(
                key, session, created, modified, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
    }

    /** What its writer says of itself; empty for what is not written by us. */
    Optional<Mark> mark() {
        return Mark.of(value);
    }

    /** Whether the session that had locked it has ended, and nobody has removed it. */
    boolean isDead() {
        return session.isEmpty();
    }

    /** Whether nothing happened to it that matters to who waits for it: it is the same, and its session lives. */
    boolean stands(KeyEntry before) {
        return isSame(before) && session.equals(before.session);
    }

    /** Whether it is the same as it was made: a key that was deleted and made anew is another one. */
    boolean isSame(KeyEntry other) {
        return key.equals(other.key) && created == other.created;
    }
}
