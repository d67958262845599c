// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LockLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** An etcd cluster, by a jetcd client: a key for each contender, under its session's lease, in the order in which they were created. */
final class EtcdLine implements LockLine {
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);
    private static final Duration LONGEST_LEASE = Duration.ofDays(30);
    private static final Duration LEASE_STEP = Duration.ofSeconds(1);

    /** etcd looks for ended leases twice a second, and revokes them through its log. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final Client client;
    private final EtcdSettings settings;
    private final String store;
    private final @Nullable Connection connection;
    private final LockKeys keys;
    private final Failures failures;
    private final Requests requests;
    private final Requests opening;
    private final Inquiries inquiries;

    private volatile Capabilities capabilities = capabilities(GuaranteeClass.B);
    private volatile boolean settled;

    private EtcdLine(Client client, EtcdSettings settings, String store, @Nullable Connection connection) {
        this.client = client;
        this.settings = settings;
        this.store = store;
        this.connection = connection;
        this.keys = new LockKeys(settings.prefix());
        this.failures = new Failures(store);
        this.requests = new Requests(client, failures, settings.operationTimeout());
        this.opening = new Requests(client, failures, settings.oneTry());
        this.inquiries = new EtcdInquiries(requests, failures, keys);
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

    /** By a client of the caller's. */
    static EtcdLine lent(Client client, EtcdSettings settings) {
        return new EtcdLine(client, settings, "etcd (a lent client)", null);
    }

    /** By a client of our own, which it closes. */
    static EtcdLine owning(Client client, EtcdSettings settings, String store, Connection connection) {
        return new EtcdLine(client, settings, store, connection);
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

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store;
    }

    // ---- sessions

    /** Takes a lease and puts the session's key under it. */
    @Override
    public CompletionStage<EtcdSession> open(SessionOptions options, LineEvents events) {
        CompletionStage<Capabilities> looked = look(options.runtime());
        return new Opening(this, options)
                .begin()
                .thenCompose(opened -> looked.thenApply(found -> {
                    settle(found);
                    return opened;
                }))
                .thenApply(opened -> new EtcdSession(
                        this, options, events, WakeUps.join(client, settings, options.runtime()), opened));
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
                .thenApply(EtcdLine::capabilities);
    }

    private synchronized void settle(Capabilities found) {
        if (!settled) {
            capabilities = found;
            settled = true;
        }
    }

    // ---- what people ask

    @Override
    public Inquiries inquiries() {
        return inquiries;
    }

    /** Asks each member of its state, and the cluster for its members and alarms. */
    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        CompletionStage<List<Connection.Member>> asked =
                connection == null ? CompletableFuture.completedFuture(List.of()) : connection.statuses(client);
        return asked.thenCompose(states -> requests.members(limits)
                .handle((members, unlisted) -> members)
                .thenCompose(members -> requests.alarms(limits)
                        .handle((alarms, unseen) -> new Diagnosis(states, members, alarms).findings()))
                .thenCombine(new Strangers(requests, keys).finding(limits), this::all));
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
        if (connection != null) {
            connection.close(client);
        }
    }
}
