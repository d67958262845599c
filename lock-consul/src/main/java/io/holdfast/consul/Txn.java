// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** A transaction of Consul's, all or nothing, as {@code /v1/txn} takes it; consul-api knows none. Not thread-safe. */
final class Txn {
    /** Consul takes no more operations in one. */
    static final int LIMIT = 64;

    private final JsonArray operations = new JsonArray();

    /**
     * What became of one.
     *
     * @param entries what its operations show, in their order; some keys twice, deletions not at all
     * @param refusals why nothing was done; empty when all was done
     */
    record Outcome(List<Entry> entries, List<Refusal> refusals) {
        boolean done() {
            return refusals.isEmpty();
        }

        boolean refusedAt(int operation) {
            return refusals.stream().anyMatch(r -> r.operation() == operation);
        }

        boolean says(String text) {
            return refusals.stream()
                    .anyMatch(r -> r.why().toLowerCase(Locale.ROOT).contains(text));
        }

        String why() {
            return refusals.isEmpty() ? "no reason given" : refusals.get(0).why();
        }
    }

    /**
     * One operation that failed.
     *
     * @param operation its number in the transaction, from 0
     * @param why what Consul says
     */
    record Refusal(int operation, String why) {}

    private JsonObject add(String verb, String key) {
        JsonObject kv = new JsonObject();
        kv.addProperty("Verb", verb);
        kv.addProperty("Key", key);
        JsonObject operation = new JsonObject();
        operation.add("KV", kv);
        operations.add(operation);
        return kv;
    }

    /** Fails unless a key was last written at an index. */
    Txn checkIndex(String key, long index) {
        add("check-index", key).addProperty("Index", index);
        return this;
    }

    /** Fails unless a key is not there. */
    Txn checkMissing(String key) {
        add("check-not-exists", key);
        return this;
    }

    /** Fails unless a session holds a key. */
    Txn checkSession(String key, String session) {
        add("check-session", key).addProperty("Session", session);
        return this;
    }

    /** Fails unless an own key is as it was told; one of index 0 is not there. */
    Txn check(OwnKey own) {
        return own.newest() == 0 ? checkMissing(own.key()) : checkIndex(own.key(), own.newest());
    }

    /** Makes or writes a key that a session holds. */
    Txn lock(String key, String session, String value) {
        return holding("lock", key, session, value);
    }

    private Txn holding(String verb, String key, String session, String value) {
        JsonObject kv = add(verb, key);
        kv.addProperty("Session", session);
        kv.addProperty("Value", Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    /** Leaves a key that a session holds without one. */
    Txn unlock(String key, String session, String value) {
        return holding("unlock", key, session, value);
    }

    /** Shows all keys that begin with a text; none is no failure, as it is for a single key. */
    Txn show(String start) {
        add("get-tree", start);
        return this;
    }

    /** Deletes a key; fails when it is there and was last written at another index. */
    Txn delete(String key, long index) {
        add("delete-cas", key).addProperty("Index", index);
        return this;
    }

    /** Deletes a key, whatever is there. */
    Txn delete(String key) {
        add("delete", key);
        return this;
    }

    /** Deletes all keys that begin with a text. */
    Txn deleteAll(String start) {
        add("delete-tree", start);
        return this;
    }

    int size() {
        return operations.size();
    }

    String json() {
        return operations.toString();
    }

    static Outcome outcome(String json) {
        JsonObject answer = JsonParser.parseString(json).getAsJsonObject();
        List<Entry> entries = new ArrayList<>();
        for (JsonElement result : array(answer, "Results")) {
            entries.add(Entry.of(result.getAsJsonObject().getAsJsonObject("KV")));
        }
        List<Refusal> refusals = new ArrayList<>();
        for (JsonElement error : array(answer, "Errors")) {
            JsonObject one = error.getAsJsonObject();
            refusals.add(
                    new Refusal(one.get("OpIndex").getAsInt(), one.get("What").getAsString()));
        }
        return new Outcome(entries, refusals);
    }

    private static JsonArray array(JsonObject answer, String name) {
        JsonElement value = answer.get(name);
        return value == null || value.isJsonNull() ? new JsonArray() : value.getAsJsonArray();
    }
}
