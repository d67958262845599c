// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
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
record Entry(String key, String session, long created, long modified, String value) {
    static Entry of(JsonObject kv) {
        return new Entry(
                kv.get("Key").getAsString(),
                text(kv, "Session"),
                kv.get("CreateIndex").getAsLong(),
                kv.get("ModifyIndex").getAsLong(),
                new String(Base64.getDecoder().decode(text(kv, "Value")), StandardCharsets.UTF_8));
    }

    private static String text(JsonObject kv, String name) {
        JsonElement value = kv.get(name);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
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
    boolean stands(Entry before) {
        return isSame(before) && session.equals(before.session);
    }

    /** Whether it is the same as it was made: a key that was deleted and made anew is another one. */
    boolean isSame(Entry other) {
        return key.equals(other.key) && created == other.created;
    }
}
