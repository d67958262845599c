// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A transaction of Consul's, all or nothing, as {@code /v1/txn} takes it; consul-api knows none. Not thread-safe. */
final class Txn {
    /** Consul takes no more operations in one. */
    static final int LIMIT = 64;

    private final List<Operation> operations = new ArrayList<>();

    /** One step; index and session only where its verb takes them. */
    private record Operation(String verb, String key, @Nullable Long index, @Nullable Holding holding) {}

    private record Holding(String session, @Nullable String value) {}

    /**
     * What became of one.
     *
     * @param entries what its operations show, in their order; some keys twice, deletions not at all
     * @param refusals why nothing was done; empty when all was done
     */
    record Outcome(List<KeyEntry> entries, List<Refusal> refusals) {
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

    private Txn add(String verb, String key) {
        operations.add(new Operation(verb, key, null, null));
        return this;
    }

    private Txn at(String verb, String key, long index) {
        operations.add(new Operation(verb, key, index, null));
        return this;
    }

    private Txn holding(String verb, String key, String session, @Nullable String value) {
        operations.add(new Operation(verb, key, null, new Holding(session, value)));
        return this;
    }

    /** Fails unless a key was last written at an index. */
    Txn checkIndex(String key, long index) {
        return at("check-index", key, index);
    }

    /** Fails unless a key is not there. */
    Txn checkMissing(String key) {
        return add("check-not-exists", key);
    }

    /** Fails unless a session holds a key. */
    Txn checkSession(String key, String session) {
        return holding("check-session", key, session, null);
    }

    /** Fails unless an own key is as it was told; one of index 0 is not there. */
    Txn check(OwnKey own) {
        return own.newest() == 0 ? checkMissing(own.key()) : checkIndex(own.key(), own.newest());
    }

    /** Makes or writes a key that a session holds. */
    Txn lock(String key, String session, String value) {
        return holding("lock", key, session, value);
    }

    /** Leaves a key that a session holds without one. */
    Txn unlock(String key, String session, String value) {
        return holding("unlock", key, session, value);
    }

    /** Shows all keys that begin with a text; none is no failure, as it is for a single key. */
    Txn show(String start) {
        return add("get-tree", start);
    }

    /** Deletes a key; fails when it is there and was last written at another index. */
    Txn delete(String key, long index) {
        return at("delete-cas", key, index);
    }

    /** Deletes a key, whatever is there. */
    Txn delete(String key) {
        return add("delete", key);
    }

    /** Deletes all keys that begin with a text. */
    Txn deleteAll(String start) {
        return add("delete-tree", start);
    }

    int size() {
        return operations.size();
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonWriter out = new JsonWriter(text)) {
            out.beginArray();
            for (Operation operation : operations) {
                write(operation, out);
            }
            out.endArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a string is written without fail", e);
        }
        return text.toString();
    }

    private static void write(Operation operation, JsonWriter out) throws IOException {
        out.beginObject().name("KV").beginObject();
        out.name("Verb").value(operation.verb());
        out.name("Key").value(operation.key());
        if (operation.index() != null) {
            out.name("Index").value(operation.index());
        }
        Holding holding = operation.holding();
        if (holding != null) {
            out.name("Session").value(holding.session());
            if (holding.value() != null) {
                byte[] value = holding.value().getBytes(StandardCharsets.UTF_8);
                out.name("Value").value(Base64.getEncoder().encodeToString(value));
            }
        }
        out.endObject().endObject();
    }

    static Outcome outcome(String json) {
        return Json.read(json, Txn::outcome);
    }

    private static Outcome outcome(JsonReader in) throws IOException {
        List<KeyEntry> entries = List.of();
        List<Refusal> refusals = List.of();
        in.beginObject();
        while (in.hasNext()) {
            switch (in.nextName()) {
                case "Results" -> entries = Json.list(in, Txn::result);
                case "Errors" -> refusals = Json.list(in, Txn::refusal);
                default -> in.skipValue();
            }
        }
        in.endObject();
        return new Outcome(entries, refusals);
    }

    private static KeyEntry result(JsonReader in) throws IOException {
        KeyEntry entry = null;
        in.beginObject();
        while (in.hasNext()) {
            if (in.nextName().equals("KV")) {
                entry = KeyEntry.read(in);
            } else {
                in.skipValue();
            }
        }
        in.endObject();
        if (entry == null) {
            throw new IllegalStateException("a result without an entry");
        }
        return entry;
    }

    private static Refusal refusal(JsonReader in) throws IOException {
        int operation = -1;
        String why = "";
        in.beginObject();
        while (in.hasNext()) {
            switch (in.nextName()) {
                case "OpIndex" -> operation = in.nextInt();
                case "What" -> why = in.nextString();
                default -> in.skipValue();
            }
        }
        in.endObject();
        return new Refusal(operation, why);
    }
}
