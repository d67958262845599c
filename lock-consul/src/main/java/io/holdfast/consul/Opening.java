// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.LockConfigException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.List;

/** How sessions of Consul's begin and end. Thread-safe; calls block for requests. */
final class Opening {
    private static final String OPEN = "open a session";

    private final ConsulLine consul;
    private final Agent agent;
    private final Failures failures;
    private final LockKeys keys;

    Opening(ConsulLine consul) {
        this.consul = consul;
        this.agent = consul.agent();
        this.failures = consul.failures();
        this.keys = consul.keys();
    }

    /** A session with its own keys, which is shown where it was written. */
    ConsulSession.Made make(SessionOptions options, Asker asker) {
        long begun = options.runtime().clock().nanoTime();
        String mark = FailedOpenings.mark();
        String id;
        try {
            id = create(mark + " " + options.label(), options.lease(), asker);
        } catch (LockOutcomeUnknownException e) {
            consul.failedOpenings().left(mark, options);
            throw e;
        }
        try {
            ConsulSession.Made made = made(born(id, asker), begun, options.label(), asker);
            consul.failedOpenings().clear(asker);
            return made;
        } catch (RuntimeException | Error e) {
            consul.failedOpenings().left(mark, options);
            throw e;
        }
    }

    private ConsulSession.Made made(Born born, long begun, String label, Asker asker) {
        checkNode(born, asker);
        String key = keys.session(born.id());
        // After its node was looked at: the session lives now, so the node had not come back in between.
        Txn own = new Txn().lock(key, born.id(), label).lock(keys.journal(born.id()), born.id(), "0");
        Txn.Outcome outcome = agent.transact(own, OPEN, asker);
        if (!outcome.done()) {
            throw failures.unavailable(OPEN, outcome.why());
        }
        long index = outcome.entries().get(0).modified();
        List<KeyEntry> shown = agent.entries(keys.sessions(), OPEN, asker);
        if (shown.stream().noneMatch(entry -> entry.key().equals(key) && entry.modified() >= index)) {
            // A cache, or another server that questions are led to: whoever reads there finds locks free that are held.
            throw new LockConfigException("store " + consul.store()
                    + ": what was written is not what is read; give locks an HTTP client without a cache, that follows no redirects to"
                    + " another server and reads where it writes");
        }
        return new ConsulSession.Made(
                born, begun, index, !Sweep.dead(shown, keys).isEmpty());
    }

    /** Whoever meets a dead contender asks this of its node: a token that may not would have them wait for nothing. */
    private void checkNode(Born born, Asker asker) {
        long since = consul.deaths().registered(born.life().node(), asker);
        if (since <= born.life().born()) {
            return;
        }
        if (since == Long.MAX_VALUE) {
            born(born.id(), asker); // fails when the session is gone: so is its node, and nothing was refused
            throw failures.denied(
                    OPEN, "its node is not shown to this token; node_prefix \"\" { policy = \"read\" } shows it");
        }
        throw failures.unavailable(OPEN, "its node left Consul meanwhile, and came back");
    }

    /**
     * A session that Consul has made, with nothing locked.
     *
     * @param id Consul's
     * @param life when and where
     */
    record Born(String id, Mark.Life life) {}

    /** A session that is renewed by nobody. */
    Born brief(String name, Duration lease, Asker asker) {
        return born(create(name, lease, asker), asker);
    }

    private String create(String name, Duration lease, Asker asker) {
        Reply reply = agent.put("/v1/session/create" + agent.query(""), description(name, lease), OPEN, asker);
        if (reply.status() != 200) {
            throw failures.refused(reply, OPEN, true);
        }
        return agent.read(
                reply,
                OPEN,
                body -> JsonParser.parseString(body).getAsJsonObject().get("ID").getAsString());
    }

    private Born born(String id, Asker asker) {
        Reply info = agent.get("/v1/session/info/" + id + agent.query("consistent"), OPEN, asker);
        if (info.status() != 200) {
            throw failures.refused(info, OPEN, false);
        }
        return agent.read(info, OPEN, body -> {
            JsonObject one =
                    JsonParser.parseString(body).getAsJsonArray().get(0).getAsJsonObject();
            return new Born(
                    id,
                    Mark.Life.of(
                            one.get("CreateIndex").getAsLong(), one.get("Node").getAsString()));
        });
    }

    /**
     * No health checks, which may end a session that is renewed; no lock-delay, which would hold up who comes next. What it has
     * locked stays when it ends, or the next in line could not tell a death from a release.
     */
    private static String description(String name, Duration lease) {
        JsonObject session = new JsonObject();
        session.addProperty("Name", name);
        session.addProperty("TTL", lease.toMillis() + "ms");
        session.addProperty("Behavior", "release");
        session.addProperty("LockDelay", "0s");
        session.add("Checks", new JsonArray());
        return session.toString();
    }

    void destroy(String id, Asker asker) {
        Reply reply = agent.put("/v1/session/destroy/" + id + agent.query(""), "", "end the session", asker);
        if (reply.status() != 200 && reply.status() != 404) {
            throw failures.refused(reply, "end the session", true);
        }
    }
}
