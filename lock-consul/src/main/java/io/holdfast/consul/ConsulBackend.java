// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.v1.ConsulRawClient;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.ForceOutcome;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.OpenSessions;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Locks in Consul, by consul-api of Ecwid: a line of keys for every name, each tied to its client's session.
 *
 * <p>Class A: a session outlives its lease by as much again, and a key's place and token are Consul's own index. Thread-safe; calls
 * block for a request.
 */
public final class ConsulBackend implements LockBackend {
    /** What a takeover takes beyond Consul's own time: noticing, looking, and the requests of both. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final int FORCE_ATTEMPTS = 5;

    private final Transport transport;
    private final ConsulSettings settings;
    private final OpenSessions<ConsulSession> sessions;
    private final Capabilities capabilities;
    private final Failures failures;
    private final LockKeys keys;
    private final Agent agent;
    private final Waits waits;

    ConsulBackend(Transport transport, ConsulSettings settings, OpenSessions<ConsulSession> sessions) {
        this.transport = transport;
        this.settings = settings;
        this.sessions = sessions;
        this.failures = new Failures(sessions.store());
        this.keys = new LockKeys(settings.prefix());
        this.agent = new Agent(transport, failures, settings);
        this.waits = new Waits(agent, keys, settings.waitConnections());
        this.capabilities = Capabilities.of(LeaseScope.SESSION)
                .guarantee(GuaranteeClass.A)
                .queues(true)
                .blocking(true)
                .leases(settings.shortestLease(), ConsulSettings.LONGEST_LEASE, Duration.ofMillis(1))
                .leaseReason("by Consul's session_ttl_min, '" + ConsulSettings.SHORTEST_LEASE + "' here")
                .takeover(2, SLACK)
                .build();
    }

    /**
     * A backend over consul-api's client of the caller's own, with the usual settings.
     *
     * @param client it must send the ACL token by itself, and be able to wait for as long as {@link ConsulSettings#pollInterval}.
     *     (A {@code ConsulClient} will not do: it has no transactions, and does not tell its raw client.)
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client) {
        return using(client, ConsulSettings.DEFAULTS);
    }

    /**
     * A backend over consul-api's client of the caller's own. Its requests end when that client says so: interrupting, giving up and
     * closing do not break them off.
     *
     * @param client as above
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client, ConsulSettings settings) {
        return new ConsulBackend(
                new Transport.Lent(Objects.requireNonNull(client, "client")),
                Objects.requireNonNull(settings, "settings"),
                OpenSessions.onLentClient("consul (a lent client)", ConsulSession::abandon));
    }

    /**
     * Asks the servers something, one after the other until one answers: what keeps them from serving us shows here.
     *
     * @param servers how many there are
     * @param limits whose time limits it
     */
    void connect(int servers, LockRuntime limits) {
        for (int left = servers - 1; ; left--) {
            try {
                agent.entry(keys.session("none"), "open", opening(limits));
                return;
            } catch (LockUnavailableException e) {
                if (left <= 0) {
                    throw e;
                }
            }
        }
    }

    private Asker opening(LockRuntime limits) {
        return new Asker(limits, new Call(), settings.connectTimeout());
    }

    Agent agent() {
        return agent;
    }

    Failures failures() {
        return failures;
    }

    LockKeys keys() {
        return keys;
    }

    Waits waits() {
        return waits;
    }

    void forget(ConsulSession session) {
        sessions.forget(session);
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return sessions.store();
    }

    // ---- sessions

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return sessions.unlessClosed(() -> answered(() -> {
            try {
                return sessions.add(new ConsulSession(this, options, events, make(options)));
            } catch (LockException e) {
                throw failures.atOpen(e);
            }
        }));
    }

    private ConsulSession.Made make(SessionOptions options) {
        Asker asker = opening(options.runtime());
        long begun = options.runtime().clock().nanoTime();
        Reply reply = agent.put("/v1/session/create" + agent.query(""), description(options), "open a session", asker);
        if (reply.status() != 200) {
            throw failures.refused(reply, "open a session", true);
        }
        String id = agent.read(
                reply,
                "open a session",
                body -> JsonParser.parseString(body).getAsJsonObject().get("ID").getAsString());
        String key = keys.session(id);
        Txn.Outcome outcome = agent.transact(new Txn().lock(key, id, options.label()), "open a session", asker);
        if (!outcome.done()) {
            throw failures.unavailable("open a session", outcome.why());
        }
        return new ConsulSession.Made(id, begun, outcome.entries().get(0).modified());
    }

    /** No health checks, which may end a session that is renewed; no lock-delay, which would hold up who comes next. */
    private static String description(SessionOptions options) {
        JsonObject session = new JsonObject();
        session.addProperty("Name", options.label());
        session.addProperty("TTL", options.lease().toMillis() + "ms");
        session.addProperty("Behavior", "delete");
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

    // ---- what people ask

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return ask(asker -> stored(name, line(name, asker)));
    }

    private Line line(String name, Asker asker) {
        return Line.of(agent.entries(keys.line(name), "inspect", asker), keys.line(name));
    }

    private static StoredLock stored(String name, Line line) {
        if (line.entries().isEmpty()) {
            return StoredLock.free(name, 0);
        }
        Entry holder = line.entries().get(0);
        int space = holder.value().indexOf(' ');
        boolean ours = space > 0 && holder.value().substring(0, space).matches("[0-9]{1,18}");
        return new StoredLock(
                name,
                holder.created(),
                holder.value().substring(ours ? space + 1 : 0),
                ours ? Long.parseLong(holder.value().substring(0, space)) : 0,
                line.entries().size());
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return ask(asker -> {
            Map<String, List<Entry>> names = new HashMap<>();
            for (Entry entry : agent.entries(keys.root(), "list", asker)) {
                keys.name(entry.key()).ifPresent(name -> names.computeIfAbsent(name, n -> new ArrayList<>())
                        .add(entry));
            }
            List<StoredLock> found = new ArrayList<>();
            names.forEach((name, entries) -> {
                Line line = Line.of(entries, keys.line(name));
                if (!line.entries().isEmpty()) {
                    found.add(stored(name, line));
                }
            });
            return found;
        });
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return ask(asker -> {
            for (int attempt = 0; attempt < FORCE_ATTEMPTS; attempt++) {
                Line line = line(name, asker);
                if (line.entries().isEmpty()) {
                    return ForceOutcome.NOT_HELD;
                }
                Entry holder = line.entries().get(0);
                if (storeToken.isPresent() && storeToken.getAsLong() != holder.created()) {
                    return ForceOutcome.MOVED_ON;
                }
                Txn txn = new Txn().show(holder.key()).delete(holder.key(), holder.modified());
                Txn.Outcome outcome = agent.transact(txn, "release by force", asker);
                if (outcome.done() && outcome.entries().stream().anyMatch(holder::isSame)) {
                    return ForceOutcome.RELEASED;
                }
            }
            throw failures.unavailable("release by force", "the holder changed again and again; try again");
        });
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return sessions.ask(limits ->
                answered(() -> new ServerDiagnosis(agent, keys, settings, () -> agent.asker(limits)).findings()));
    }

    private <T> CompletionStage<T> ask(Function<Asker, T> question) {
        return sessions.ask(limits -> answered(() -> question.apply(agent.asker(limits))));
    }

    private <T> CompletionStage<T> answered(Supplier<T> request) {
        try {
            return CompletableFuture.completedFuture(request.get());
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(failures.known(e));
        }
    }

    @Override
    public void close() {
        if (sessions.endAll()) {
            transport.close();
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
