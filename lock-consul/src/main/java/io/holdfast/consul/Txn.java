// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

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

    /** Characters that an operation takes, about. */
    private static final int ROOM = 256;

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
        StringBuilder out = new StringBuilder(ROOM * operations.size());
        char before = '[';
        for (Operation operation : operations) {
            out.append(before);
            write(operation, out);
            before = ',';
        }
        return out.append(']').toString();
    }

    private static void write(Operation operation, StringBuilder out) {
        out.append("{\"KV\":{\"Verb\":\"").append(operation.verb()).append("\",\"Key\":");
        Json.quote(operation.key(), out);
        if (operation.index() != null) {
            out.append(",\"Index\":").append(operation.index().longValue());
        }
        Holding holding = operation.holding();
        if (holding != null) {
            out.append(",\"Session\":");
            Json.quote(holding.session(), out);
            if (holding.value() != null) {
                byte[] value = holding.value().getBytes(StandardCharsets.UTF_8);
                out.append(",\"Value\":\"")
                        .append(Base64.getEncoder().encodeToString(value))
                        .append('"');
            }
        }
        out.append("}}");
    }

    static Outcome outcome(String json) {
        return Json.read(json, Txn::outcome);
    }

    private static Outcome outcome(Json in) {
        List<KeyEntry> entries = List.of();
        List<Refusal> refusals = List.of();
        for (String name = in.firstName(); name != null; name = in.nextName()) {
            switch (name) {
                case "Results" -> entries = Json.list(in, Txn::result);
                case "Errors" -> refusals = Json.list(in, Txn::refusal);
                default -> in.skip();
            }
        }
        return new Outcome(entries, refusals);
    }

    private static KeyEntry result(Json in) {
        KeyEntry entry = null;
        for (String name = in.firstName(); name != null; name = in.nextName()) {
            if (name.equals("KV")) {
                entry = KeyEntry.read(in);
            } else {
                in.skip();
            }
        }
        if (entry == null) {
            throw new IllegalStateException("a result without an entry");
        }
        return entry;
    }

    private static Refusal refusal(Json in) {
        int operation = -1;
        String why = "";
        for (String name = in.firstName(); name != null; name = in.nextName()) {
            switch (name) {
                case "OpIndex" -> operation = Math.toIntExact(in.number());
                case "What" -> why = in.text();
                default -> in.skip();
            }
        }
        return new Refusal(operation, why);
    }
}
