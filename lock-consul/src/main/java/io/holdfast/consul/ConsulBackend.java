// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.v1.ConsulRawClient;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.ForceOutcome;
import io.holdfast.LockConfigException;
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
 * <p>A session outlives its lease by as much again, and a key's place and token are Consul's own index. Class A with one server; several
 * can end a session that is renewed, see docs/backends/consul.md. Thread-safe; calls block for a request.
 */
public final class ConsulBackend implements LockBackend {
    /** What a takeover takes beyond Consul's own time: noticing, looking, and the requests of both. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final int FORCE_ATTEMPTS = 5;

    private static final String OPEN = "open a session";

    private final Transport transport;
    private final List<StoreFinding> way;
    private final ConsulSettings settings;
    private final OpenSessions<ConsulSession> sessions;
    private volatile Capabilities capabilities;
    private final Failures failures;
    private final LockKeys keys;
    private final Agent agent;
    private final Survey survey;
    private final Waits waits;
    private final Deaths deaths = new Deaths(this);
    private final Unclosed unclosed = new Unclosed();

    /**
     * A backend.
     *
     * @param way what a diagnosis says of the settings that lead to the servers
     */
    ConsulBackend(
            Transport transport,
            ConsulSettings settings,
            OpenSessions<ConsulSession> sessions,
            List<StoreFinding> way) {
        this.transport = transport;
        this.way = way;
        this.settings = settings;
        this.sessions = sessions;
        this.failures = new Failures(sessions.store());
        this.keys = new LockKeys(settings.prefix());
        this.agent = new Agent(transport, failures, settings);
        this.survey = new Survey(agent, keys);
        this.waits = new Waits(agent, keys, settings.waitConnections());
        this.capabilities = capabilities(GuaranteeClass.B); // until the servers have said how many they are
    }

    private Capabilities capabilities(GuaranteeClass guarantee) {
        return Capabilities.of(LeaseScope.SESSION)
                .guarantee(guarantee)
                .queues(true)
                .blocking(true)
                .leases(settings.shortestLease(), ConsulSettings.LONGEST_LEASE, Duration.ofMillis(1))
                .leaseReason("by Consul's session_ttl_min, '" + ConsulSettings.SHORTEST_LEASE + "' here")
                .takeover(2, SLACK)
                .build();
    }

    /**
     * A backend over consul-api's client of the caller's own, with the usual settings, but that all who wait share one connection: how
     * many the client has is not known here. Two are enough then; {@link ConsulSettings#withWaitConnections} says that there are more.
     *
     * @param client it must send the ACL token by itself, and be able to wait for as long as {@link ConsulSettings#pollInterval}.
     *     (A {@code ConsulClient} will not do: it has no transactions, and does not tell its raw client.)
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client) {
        return using(client, ConsulSettings.DEFAULTS.withWaitConnections(0));
    }

    /**
     * A backend over consul-api's client of the caller's own. Its requests end when that client says so: interrupting, giving up and
     * closing do not break them off.
     *
     * @param client as above, with {@code waitConnections} + 14 connections a host at least
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client, ConsulSettings settings) {
        return new ConsulBackend(
                new Transport.Lent(Objects.requireNonNull(client, "client")),
                Objects.requireNonNull(settings, "settings"),
                OpenSessions.onLentClient("consul (a lent client)", ConsulSession::abandon),
                List.of());
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
                capabilities = capabilities(guarantee(limits));
                return;
            } catch (LockUnavailableException e) {
                if (left <= 0) {
                    throw e;
                }
            }
        }
    }

    /**
     * A leader that stood still for longer than a session may be silent means to end it, and tries again for minutes: when it leads anew
     * meanwhile, it ends what its successor has renewed. With one server there is no successor.
     */
    private GuaranteeClass guarantee(LockRuntime limits) {
        return agent.servers("open", opening(limits)).orElse(0) == 1 ? GuaranteeClass.A : GuaranteeClass.B;
    }

    /** By the connections that are kept for renewals: one is there then when an agent takes no more of them. */
    private Asker opening(LockRuntime limits) {
        return agent.renewing(limits, settings.connectTimeout());
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

    Unclosed unclosed() {
        return unclosed;
    }

    Survey survey() {
        return survey;
    }

    Waits waits() {
        return waits;
    }

    Deaths deaths() {
        return deaths;
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
        Born born = create(options.label(), options.lease(), asker);
        if (deaths.registered(born.life().node(), asker) > born.life().born()) {
            // Whoever meets a dead contender asks this of its node: a token that may not would have them wait for
            // nothing.
            throw failures.denied(
                    OPEN, "its node is not shown to this token; node_prefix \"\" { policy = \"read\" } shows it");
        }
        String key = keys.session(born.id());
        // After its node was looked at: the session lives now, so the node had not come back in between.
        Txn own = new Txn().lock(key, born.id(), options.label()).lock(keys.journal(born.id()), born.id(), "0");
        Txn.Outcome outcome = agent.transact(own, OPEN, asker);
        if (!outcome.done()) {
            throw failures.unavailable(OPEN, outcome.why());
        }
        long index = outcome.entries().get(0).modified();
        List<Entry> shown = agent.entries(keys.sessions(), OPEN, asker);
        if (shown.stream().noneMatch(entry -> entry.key().equals(key) && entry.modified() >= index)) {
            // A cache, or another server that questions are led to: whoever reads there finds locks free that are held.
            throw new LockConfigException("store " + store()
                    + ": what was written is not what is read; give locks an HTTP client without a cache, that follows no redirects to"
                    + " another server and reads where it writes");
        }
        return new ConsulSession.Made(
                born, begun, index, !Sweep.dead(shown, keys).isEmpty());
    }

    /**
     * A session that Consul has made, with nothing locked.
     *
     * @param id Consul's
     * @param life when and where
     */
    record Born(String id, Mark.Life life) {}

    Born create(String label, Duration lease, Asker asker) {
        Reply reply = agent.put("/v1/session/create" + agent.query(""), description(label, lease), OPEN, asker);
        if (reply.status() != 200) {
            throw failures.refused(reply, OPEN, true);
        }
        String id = agent.read(
                reply,
                OPEN,
                body -> JsonParser.parseString(body).getAsJsonObject().get("ID").getAsString());
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
    private static String description(String label, Duration lease) {
        JsonObject session = new JsonObject();
        session.addProperty("Name", label);
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

    // ---- what people ask

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return ask(asker -> stored(name, line(name, asker)));
    }

    private Line line(String name, Asker asker) {
        return standing(Line.of(agent.entries(keys.line(name), "inspect", asker), keys.line(name)), asker);
    }

    /** Without the dead, but for the one whose lease may last. */
    private Line standing(Line line, Asker asker) {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : line.entries()) {
            boolean first = entry.equals(line.entries().get(0));
            if (!entry.isDead() || (first && !deaths.isOver(entry, asker))) {
                entries.add(entry);
            }
        }
        return new Line(entries);
    }

    private static StoredLock stored(String name, Line line) {
        if (line.entries().isEmpty()) {
            return StoredLock.free(name, 0);
        }
        Entry holder = line.entries().get(0);
        return new StoredLock(
                name,
                holder.created(),
                holder.mark().map(Mark::label).orElse(holder.value()),
                holder.mark().map(Mark::since).orElse(0L),
                line.entries().size());
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return ask(asker -> {
            Map<String, List<Entry>> names = new HashMap<>();
            for (Entry entry : survey.entries("list", () -> agent.asker(asker.runtime()))) {
                keys.name(entry.key()).ifPresent(name -> names.computeIfAbsent(name, n -> new ArrayList<>())
                        .add(entry));
            }
            List<StoredLock> found = new ArrayList<>();
            names.forEach((name, entries) -> {
                Line line = standing(Line.of(entries, keys.line(name)), asker);
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
        return sessions.ask(limits -> answered(() -> {
            List<StoreFinding> all =
                    new ArrayList<>(new ServerDiagnosis(this, settings, () -> agent.asker(limits)).findings());
            all.addAll(way);
            return List.copyOf(all);
        }));
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
        unclosed.close();
        if (sessions.endAll()) {
            transport.close();
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
