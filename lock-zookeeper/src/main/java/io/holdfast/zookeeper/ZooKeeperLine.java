// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An ensemble of ZooKeeper, by Curator: ephemeral sequential nodes under a container for every name, each of which watches the one before.
 */
final class ZooKeeperLine implements LockLine {
    /** Renewals a lease: a renewal proves the one before it, so twice as many as otherwise. */
    private static final int RENEWALS = 6;

    /** What a hand-over may take beyond the lease and the tick in which the servers notice its end. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private static final Duration LONGEST_LEASE = Duration.ofDays(1);

    private final Links links;
    private final ZooKeeperSettings settings;
    private final LockPaths paths;
    private final String store;
    private final Capabilities capabilities;
    private final Inquiries inquiries;
    private final Set<ZooKeeperSession> sessions = ConcurrentHashMap.newKeySet();

    ZooKeeperLine(Links links, ZooKeeperSettings settings, LockPaths paths, String store) {
        this.links = links;
        this.settings = settings;
        this.paths = paths;
        this.store = store;
        this.inquiries = new ZooKeeperInquiries(this, paths);
        this.capabilities = Capabilities.of(LeaseScope.SESSION)
                .guarantee(GuaranteeClass.A)
                .queues(true)
                .leases(settings.shortestLease(), LONGEST_LEASE, Duration.ofMillis(1))
                .leaseReason("at least 8 times the setting 'tick'")
                .renewals(RENEWALS, RENEWALS)
                .takeover(1, settings.tick().plus(SLACK))
                .build();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store;
    }

    List<ZooKeeperSession> sessions() {
        return List.copyOf(sessions);
    }

    // ---- sessions

    /** Connects, makes the session's node and waits until its deadline is worth beginning with. */
    @Override
    public CompletionStage<ZooKeeperSession> open(SessionOptions options, LineEvents events) {
        return links.join(plan(options.lease(), options.label(), options.runtime()))
                .thenCompose(link -> {
                    int beyond = link.sessionTimeout().compareTo(options.lease());
                    if (beyond < 0 || (beyond > 0 && !links.areShared())) {
                        links.leave(link);
                        return outOfRange(options, link.sessionTimeout());
                    }
                    return CompletableFuture.completedFuture(joined(link, options, events));
                });
    }

    private LinkPlan plan(Duration lease, String label, LockRuntime own) {
        return new LinkPlan(settings, paths, store, lease, label, own, links.areShared());
    }

    private ZooKeeperSession joined(Link link, SessionOptions options, LineEvents events) {
        ZooKeeperSession session = new ZooKeeperSession(this, link, options, events);
        sessions.add(session);
        link.add(session);
        return session;
    }

    /** The servers gave one end of their range instead; who asks for the impossible in the other direction hears the other end. */
    private CompletableFuture<ZooKeeperSession> outOfRange(SessionOptions options, Duration granted) {
        String start = "lease " + options.lease() + " is out of range: " + store;
        if (links.areShared()) {
            return CompletableFuture.failedFuture(new LockConfigException(
                    start + " has a session of " + granted + "; lower the lease, or give Curator a longer session"));
        }
        boolean tooLong = granted.compareTo(options.lease()) < 0;
        // Less than our own least is of no use, and with a timeout of nearly nothing nobody connects.
        Duration beyond = tooLong ? settings.shortestLease() : Duration.ofMillis(Integer.MAX_VALUE);
        return links.join(plan(beyond, options.label(), options.runtime())).thenCompose(link -> {
            Duration other = link.sessionTimeout();
            links.leave(link);
            Duration least = tooLong ? other : granted;
            Duration most = tooLong ? granted : other;
            return CompletableFuture.failedFuture(new LockConfigException(start + " grants " + least + " to " + most
                    + " (the servers' minSessionTimeout and maxSessionTimeout)"));
        });
    }

    /** A session has ended. */
    CompletionStage<@Nullable Void> left(ZooKeeperSession session) {
        sessions.remove(session);
        session.link().remove(session);
        return links.leave(session.link());
    }

    // ---- what people ask

    @Override
    public Inquiries inquiries() {
        return inquiries;
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return asked(limits, link -> new Diagnosis(link, paths, settings, links.servers()).findings(limits.executor()))
                .thenApply(found -> {
                    List<StoreFinding> all = new ArrayList<>(found);
                    all.addAll(links.way());
                    return List.copyOf(all);
                });
    }

    /** Asks over the link of any session that is connected, or over one of its own. */
    <T> CompletionStage<T> asked(LockRuntime limits, Function<Link, CompletableFuture<T>> question) {
        for (ZooKeeperSession session : sessions) {
            if (session.link().isConnected()) {
                return question.apply(session.link());
            }
        }
        return links.join(plan(settings.shortestLease(), "inspection", limits))
                .thenCompose(link -> begun(question, link).whenComplete((answer, failure) -> links.leave(link)));
    }

    /** A question that throws has failed like any other; else its link would stay open. */
    private static <T> CompletableFuture<T> begun(Function<Link, CompletableFuture<T>> question, Link link) {
        try {
            return question.apply(link);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void close() {
        links.close();
    }

    @Override
    public String toString() {
        return store;
    }
}
