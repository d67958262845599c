// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.redis.Requests.Request;
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
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/**
 * Locks in one Redis or Valkey server, by Redisson: a line for every name, from which a release hands the lock over in one hop.
 *
 * <p>Class B: Redis expires by its wall clock, may evict, and fails over asynchronously. Tokens stay strictly increasing as long as
 * the server keeps its data, or its clock is past the last token. Thread-safe; never blocks, but in {@link #close()}.
 */
public final class RedisBackend implements LockBackend {
    /** What a call on the store may take beyond the lease and a poll interval. */
    private static final Duration SLACK = Duration.ofMillis(500);

    private final RedissonClient client;
    private final RedisSettings settings;
    private final OpenSessions<RedisSession> sessions;
    private final @Nullable OwnRedisson own;
    private final Executor sender;
    private final Capabilities capabilities;
    private final Failures failures;
    private final Requests requests;
    private final Requests opening;
    private final Inquiries inquiries;

    RedisBackend(
            RedissonClient client,
            RedisSettings settings,
            OpenSessions<RedisSession> sessions,
            @Nullable OwnRedisson own) {
        this.client = client;
        this.settings = settings;
        this.sessions = sessions;
        this.own = own;
        // The threads of a lent client's caller are the business of whoever lent it.
        this.sender = own == null ? Runnable::run : own.sender();
        this.failures = new Failures(sessions.store());
        this.requests = new Requests(client, sender, failures, settings.operationTimeout());
        this.opening = new Requests(client, sender, failures, settings.connectTimeout());
        this.inquiries = new Inquiries(requests, settings);
        this.capabilities = Capabilities.of(LeaseScope.GRANT)
                .guarantee(GuaranteeClass.B)
                .queues(true)
                .renewals(3, 6)
                .takeover(1, settings.pollInterval().plus(SLACK))
                .build();
    }

    /**
     * A backend over a Redisson client of the caller's own, with the usual settings.
     *
     * @param client connected to one server or to a master; its codec, retries, timeouts, script cache, name mapper and read mode do
     *     not matter to us (rule SP-9), its database is where the locks are, and it stays the caller's
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     * @throws LockConfigException when the client is one of a cluster, which is not served
     */
    public static RedisBackend using(RedissonClient client) {
        return using(client, RedisSettings.DEFAULTS);
    }

    /**
     * A backend over a Redisson client of the caller's own.
     *
     * @param client as above
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     * @throws LockConfigException when the client is one of a cluster, which is not served
     */
    public static RedisBackend using(RedissonClient client, RedisSettings settings) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(settings, "settings");
        requireServed(client, settings);
        return new RedisBackend(
                client, settings, OpenSessions.onLentClient("redis (a lent client)", RedisSession::abandon), null);
    }

    private static void requireServed(RedissonClient client, RedisSettings settings) {
        if (client.getConfig().isClusterConfig()) {
            throw new LockConfigException("the lent Redisson client is one of a Redis Cluster, which is not served: an"
                    + " inspection would look at one of its nodes only; lend one of a single server or a master");
        }
        String channel = WakeUps.channelOf(client, settings.prefix() + ":wake:any");
        if (channel.chars().anyMatch(c -> c <= ' ')) {
            throw new LockConfigException(
                    "the name mapper of the lent Redisson client puts blanks into names, so that no"
                            + " message could be sent to its channel; lend one without it");
        }
    }

    RedisSettings settings() {
        return settings;
    }

    Failures failures() {
        return failures;
    }

    Requests requests() {
        return requests;
    }

    /** For renewals, which may take half a lease, whatever other requests may take (rule KE-3). */
    Requests renewals(Duration lease) {
        return new Requests(client, sender, failures, lease.dividedBy(2));
    }

    /** The connections of a session's own for them. */
    RenewalConnections connections(Requests renewals, SessionOptions options) {
        return new RenewalConnections(
                client, options.runtime().clock(), options.lease().toNanos(), renewals::pooledFlight);
    }

    LockKeys keysOf(String name) {
        return LockKeys.of(settings.prefix(), name);
    }

    void forget(RedisSession session) {
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

    /** Asks what we may do, and subscribes: a refusal shows here rather than at the first lock. */
    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        // Redisson waits for ever for a subscription that the server refuses: whether it may be made is asked first.
        return sessions.unlessClosed(() -> connect(options.runtime()).thenCompose(rights -> {
            if (rights.tooFew()) {
                throw failures.denied("open", "this user may not call " + String.join(", ", rights.refused()));
            }
            return subscribed(options, events);
        }));
    }

    private CompletionStage<LockSession> subscribed(SessionOptions options, SessionEvents events) {
        WakeUps wakeUps = WakeUps.join(client, settings.prefix(), sender);
        return opening.limit(wakeUps::subscribed, "subscribe", options.runtime())
                .handle((done, failure) -> {
                    if (failure != null) {
                        wakeUps.leave();
                        throw failures.atOpen(failure);
                    }
                    return sessions.add(new RedisSession(this, options, events, wakeUps));
                });
    }

    /** The first request, which connects: on this thread, and for as long as connecting may take. */
    CompletableFuture<Rights> connectHere(LockRuntime limits) {
        return rights(new Requests(client, Runnable::run, failures, settings.connectTimeout()), limits);
    }

    /** Asks the server what we may do there, which changes nothing. */
    private CompletableFuture<Rights> connect(LockRuntime limits) {
        return rights(opening, limits);
    }

    private CompletableFuture<Rights> rights(Requests by, LockRuntime limits) {
        return by.send(aboutServer(Script.RIGHTS), limits).handle((line, failure) -> {
            if (failure != null) {
                throw failures.atOpen(failure);
            }
            return Rights.parse(line);
        });
    }

    private Request aboutServer(Script script) {
        return new Request(
                script,
                null,
                List.of(
                        "",
                        "0",
                        WakeUps.channelOf(client, settings.prefix() + ":wake:any"),
                        keysOf("any").state()));
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return sessions.ask(runtime -> inquiries.inspect(name, runtime));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return sessions.ask(inquiries::list);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return sessions.ask(runtime -> inquiries.forceRelease(name, storeToken, runtime));
    }

    /** {@inheritDoc} Rights that are missing for it make findings unknown; none makes it fail. */
    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return sessions.ask(runtime -> connect(runtime)
                .thenCombine(
                        ServerFacts.ask(client, requests, aboutServer(Script.DIAGNOSE), runtime),
                        (rights, facts) -> new ServerDiagnosis(facts, rights, own == null ? List.of() : own.transport())
                                .findings()));
    }

    @Override
    public void close() {
        if (sessions.endAll() && own != null) {
            own.close();
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
