// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.StoreFinding;
import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.LockLine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/** One Redis or Valkey server, by a Redisson client: a line for every name, from which a release hands the lock over in one hop. */
final class RedisLine implements LockLine {
    /** What a call on the store may take beyond the lease and a poll interval. */
    private static final Duration SLACK = Duration.ofMillis(500);

    private final RedissonClient client;
    private final RedisSettings settings;
    private final String store;
    private final @Nullable OwnRedisson own;
    private final Executor sender;
    private final Capabilities capabilities;
    private final Failures failures;
    private final Requests requests;
    private final Requests opening;
    private final Inquiries inquiries;

    private RedisLine(RedissonClient client, RedisSettings settings, String store, @Nullable OwnRedisson own) {
        this.client = client;
        this.settings = settings;
        this.store = store;
        this.own = own;
        // The threads of a lent client's caller are the business of whoever lent it.
        this.sender = own == null ? Runnable::run : own.sender();
        this.failures = new Failures(store);
        this.requests = new Requests(client, sender, failures, settings.operationTimeout());
        this.opening = new Requests(client, sender, failures, settings.oneTry());
        this.inquiries = new RedisInquiries(requests, settings);
        this.capabilities = Capabilities.of(LeaseScope.GRANT)
                .guarantee(GuaranteeClass.B)
                .queues(true)
                .renewals(3, 6)
                .takeover(1, settings.pollInterval().plus(SLACK))
                .build();
    }

    /** By a client of the caller's. */
    static RedisLine lent(RedissonClient client, RedisSettings settings) {
        return new RedisLine(client, settings, "redis (a lent client)", null);
    }

    /** By a client of our own, which it closes. */
    static RedisLine owning(OwnRedisson own, RedisSettings settings, String store) {
        return new RedisLine(own.client(), settings, store, own);
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

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store;
    }

    /** Asks what we may do, and subscribes: a refusal shows here rather than at the first lock. */
    @Override
    public CompletionStage<LineSession> open(SessionOptions options, LineEvents events) {
        // Redisson waits for ever for a subscription that the server refuses: whether it may be made is asked first.
        return rights(opening, options.runtime()).thenCompose(rights -> {
            if (rights.tooFew()) {
                throw failures.denied("open", "this user may not call " + String.join(", ", rights.refused()));
            }
            return subscribed(options, events);
        });
    }

    private CompletionStage<LineSession> subscribed(SessionOptions options, LineEvents events) {
        WakeUps wakeUps = WakeUps.join(client, settings.prefix(), sender);
        return opening.limit(wakeUps::subscribed, "subscribe", options.runtime())
                .handle((done, failure) -> {
                    if (failure != null) {
                        wakeUps.leave();
                        throw failures.atOpen(failure);
                    }
                    return new RedisSession(this, options, events, wakeUps);
                });
    }

    /** The first request, which connects: on this thread, and for as long as one try may take. */
    CompletableFuture<Rights> connectHere(LockRuntime limits) {
        return rights(new Requests(client, Runnable::run, failures, settings.oneTry()), limits);
    }

    /** Asks the server what we may do there, which changes nothing. */
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
                        LockKeys.of(settings.prefix(), "any").state()));
    }

    @Override
    public Inquiries inquiries() {
        return inquiries;
    }

    /** {@inheritDoc} Rights that are missing for it make findings unknown; none makes it fail. */
    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return rights(opening, limits)
                .thenCombine(
                        ServerFacts.ask(client, requests, aboutServer(Script.DIAGNOSE), limits),
                        (rights, facts) -> new ServerDiagnosis(facts, rights, own == null ? List.of() : own.transport())
                                .findings());
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
