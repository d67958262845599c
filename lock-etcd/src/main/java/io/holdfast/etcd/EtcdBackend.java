// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
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
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Locks in an etcd cluster, by jetcd: a line of keys for every name, first come first served by their create revisions.
 *
 * <p>Class A where every member is known to have the whole fix of etcd#15247 (3.4.31 to 3.4.33, 3.5.13 to 3.5.15) or to be the only
 * one and have it in part (3.4.34, 3.5.16, 3.6.0 and newer), class B otherwise, which includes
 * every lent client, whose members are not asked. Thread-safe; never blocks, but in {@link #close()}.
 */
public final class EtcdBackend implements LockBackend {
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);
    private static final Duration LONGEST_LEASE = Duration.ofDays(30);
    private static final Duration LEASE_STEP = Duration.ofSeconds(1);

    /** etcd looks for ended leases twice a second, and revokes them through its log. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final Client client;
    private final EtcdSettings settings;
    private final OpenSessions<EtcdSession> sessions;
    private final @Nullable Connection connection;
    private final LockKeys keys;
    private final Failures failures;
    private final Requests requests;
    private final Requests opening;
    private final Inspection inspection;

    private volatile Capabilities capabilities = capabilities(GuaranteeClass.B);
    private volatile boolean settled;
    private volatile boolean closed;

    EtcdBackend(
            Client client, EtcdSettings settings, OpenSessions<EtcdSession> sessions, @Nullable Connection connection) {
        this.client = client;
        this.settings = settings;
        this.sessions = sessions;
        this.connection = connection;
        this.keys = new LockKeys(settings.prefix());
        this.failures = new Failures(sessions.store());
        this.requests = new Requests(client, failures, settings.operationTimeout());
        this.opening = new Requests(client, failures, settings.connectTimeout().dividedBy(2));
        this.inspection = new Inspection(requests, failures, keys);
    }

    private static Capabilities capabilities(GuaranteeClass guarantee) {
        return Capabilities.of(LeaseScope.SESSION)
                .guarantee(guarantee)
                .queues(true)
                .leases(SHORTEST_LEASE, LONGEST_LEASE, LEASE_STEP)
                .renewals(3, 6)
                .takeover(1, SLACK)
                .build();
    }

    /**
     * A backend over a jetcd client of the caller's own, with the usual settings.
     *
     * @param client of the cluster; it stays the caller's. Nothing may block in its executor
     * @return a backend of class B; closing it ends the sessions opened through it and leaves the client open
     */
    public static EtcdBackend using(Client client) {
        return using(client, EtcdSettings.DEFAULTS);
    }

    /**
     * A backend over a jetcd client of the caller's own.
     *
     * @param client as above
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend of class B; closing it ends the sessions opened through it and leaves the client open
     */
    public static EtcdBackend using(Client client, EtcdSettings settings) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(settings, "settings");
        return new EtcdBackend(
                client, settings, OpenSessions.onLentClient("etcd (a lent client)", EtcdSession::abandon), null);
    }

    LockKeys keys() {
        return keys;
    }

    Failures failures() {
        return failures;
    }

    EtcdSettings settings() {
        return settings;
    }

    Requests requests() {
        return requests;
    }

    /** Requests that may take their own time. */
    Requests requests(Duration timeout) {
        return new Requests(client, failures, timeout);
    }

    /** Whether what one member does not answer another one may. */
    boolean hasSeveralMembers() {
        return connection != null && connection.members() > 1;
    }

    boolean isClosed() {
        return closed;
    }

    void forget(EtcdSession session) {
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

    /** Takes a lease and puts the session's key under it. */
    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return sessions.unlessClosed(() -> open(options, events));
    }

    private CompletionStage<LockSession> open(SessionOptions options, SessionEvents events) {
        CompletionStage<Capabilities> looked = look(options.runtime());
        return new Opening(this, options)
                .begin()
                .thenCompose(opened -> looked.thenApply(found -> {
                    settle(found);
                    return opened;
                }))
                .thenApply(opened -> sessions.add(new EtcdSession(
                        this, options, events, WakeUps.join(client, settings, options.runtime()), opened)));
    }

    /** What the members are, asked with the first session and not again. */
    private CompletionStage<Capabilities> look(LockRuntime own) {
        if (connection == null || settled) {
            return CompletableFuture.completedFuture(capabilities);
        }
        CompletionStage<Integer> members = opening.members(own)
                .handle((list, failure) -> failure == null ? list.getMembers().size() : 0);
        return connection
                .statuses(client)
                .thenCombine(members, Connection::guarantee)
                .thenApply(EtcdBackend::capabilities);
    }

    private synchronized void settle(Capabilities found) {
        if (!settled) {
            capabilities = found;
            settled = true;
        }
    }

    // ---- inspections

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return sessions.ask(runtime -> inspection.inspect(name, runtime));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return sessions.ask(inspection::list);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return sessions.ask(runtime -> inspection.forceRelease(name, storeToken, runtime));
    }

    /** Asks each member of its state, and the cluster for its members and alarms. */
    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return sessions.ask(this::diagnosis);
    }

    private CompletionStage<List<StoreFinding>> diagnosis(LockRuntime runtime) {
        CompletionStage<List<Connection.Member>> asked =
                connection == null ? CompletableFuture.completedFuture(List.of()) : connection.statuses(client);
        return asked.thenCompose(states -> requests.members(runtime)
                .handle((members, unlisted) -> members)
                .thenCompose(members -> requests.alarms(runtime)
                        .handle((alarms, unseen) -> new Diagnosis(states, members, alarms).findings()))
                .thenCombine(new Strangers(requests, keys).finding(runtime), this::all));
    }

    private List<StoreFinding> all(List<StoreFinding> members, StoreFinding strangers) {
        List<StoreFinding> all = new ArrayList<>(members);
        all.add(strangers);
        if (connection != null) {
            all.addAll(connection.way());
        }
        return List.copyOf(all);
    }

    @Override
    public void close() {
        closed = true;
        if (sessions.endAll() && connection != null) {
            connection.close(client);
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
