// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.LockException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Openings that came to nothing, and of which Consul may have a session all the same: its answer was lost, or a later step has failed.
 * Nobody knows its id, so each attempt has a mark of its own, with which the session's name begins. It is looked for when a later
 * opening succeeds, with each renewal, at the end of a session and of the backend, until it is found or must have ended by its time
 * (rule LK-1).
 * Thread-safe.
 */
final class FailedOpenings {
    private static final String WHAT = "end the sessions of failed openings";

    /** Consul ends a silent session after up to twice its time, and the request itself may be on its way for a while. */
    private static final int LEASES = 3;

    private final ConsulLine consul;
    private final Map<String, Until> marks = new ConcurrentHashMap<>();

    /** By mark, the ids of those that were found, and whose end was not confirmed: they may not be there to be found again. */
    private final Map<String, String> ids = new ConcurrentHashMap<>();

    FailedOpenings(ConsulLine consul) {
        this.consul = consul;
    }

    /** On the clock of the client that has tried. */
    private record Until(LockRuntime client, long time) {
        boolean isOver() {
            return client.clock().nanoTime() - time > 0;
        }
    }

    /** Of one attempt, and of no other client's. */
    static String mark() {
        return UUID.randomUUID().toString();
    }

    void left(String mark, SessionOptions options) {
        LockRuntime client = options.runtime();
        long leases = LEASES * options.lease().toNanos(); // a day at most each
        marks.put(mark, new Until(client, client.clock().nanoTime() + leases));
    }

    /** A session was renewed: Consul answers, and there are threads. */
    void goOn(LockRuntime living) {
        if (!marks.isEmpty()) {
            Tasks.run(living, () -> clear(consul.agent().asker(living)), why -> {});
        }
    }

    /** The backend is closed, as that of an opening that has failed is: the next try has another one, and knows nothing of these. */
    void close() {
        marks.values().stream().findAny().ifPresent(one -> clear(consul.agent().brief(one.client())));
        marks.clear();
        ids.clear();
    }

    /** Ends what is found of them; what cannot be asked now is looked for the next time. Costs nothing where none has failed. */
    void clear(Asker asker) {
        marks.values().removeIf(Until::isOver);
        ids.keySet().retainAll(marks.keySet());
        if (marks.isEmpty()) {
            return;
        }
        Agent agent = consul.agent();
        try {
            Reply reply = agent.get("/v1/session/list" + agent.query("consistent"), WHAT, asker);
            if (reply.status() == 200) {
                ids.putAll(agent.read(reply, WHAT, this::found));
                ids.forEach((mark, id) -> {
                    end(id, asker);
                    ids.remove(mark);
                    marks.remove(mark);
                });
            }
        } catch (LockException e) {
            // Not served now: the next renewal asks again.
        }
    }

    /** By mark, the ids of those that Consul has. */
    private Map<String, String> found(String list) {
        Map<String, String> ids = new HashMap<>();
        for (JsonElement one : JsonParser.parseString(list).getAsJsonArray()) {
            JsonObject session = one.getAsJsonObject();
            String name = session.get("Name").getAsString();
            String mark = name.substring(0, Math.max(0, name.indexOf(' ')));
            if (marks.containsKey(mark)) {
                ids.put(mark, session.get("ID").getAsString());
            }
        }
        return ids;
    }

    /**
     * Its keys before itself: after its end they would be those of a dead one, which others look after. And once more after it: the
     * opening's own write may have come in between, from somebody on the way who repeats or overtakes (rule UO-4).
     */
    private void end(String id, Asker asker) {
        clear(id, asker);
        consul.opening().destroy(id, asker);
        clear(id, asker);
    }

    private void clear(String id, Asker asker) {
        consul.agent().transact(new Txn().deleteAll(consul.keys().session(id)), WHAT, asker);
    }
}
