// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfigException;
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
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;

/**
 * Locks in an ensemble of Apache ZooKeeper, by Curator: contenders are ephemeral sequential nodes, each of which watches the one before.
 *
 * <p>Class A: a hold is valid only as long as writes of its session, which a quorum acknowledged, prove it. Tokens are the transaction
 * numbers of the contenders' creation. Thread-safe; never blocks, but in {@link #close()}.
 */
public final class ZooKeeperBackend implements LockBackend {
    /** Renewals a lease: a renewal proves the one before it, so twice as many as otherwise. */
    private static final int RENEWALS = 6;

    /** What a hand-over may take beyond the lease and the tick in which the servers notice its end. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private static final Duration LONGEST_LEASE = Duration.ofDays(1);

    private final Links links;
    private final ZooKeeperSettings settings;
    private final LockPaths paths;
    private final OpenSessions<ZooKeeperSession> sessions;
    private final Capabilities capabilities;

    ZooKeeperBackend(
            Links links, ZooKeeperSettings settings, LockPaths paths, OpenSessions<ZooKeeperSession> sessions) {
        this.links = links;
        this.settings = settings;
        this.paths = paths;
        this.sessions = sessions;
        this.capabilities = Capabilities.of(LeaseScope.SESSION)
                .guarantee(GuaranteeClass.A)
                .queues(true)
                .leases(settings.shortestLease(), LONGEST_LEASE, Duration.ofMillis(1))
                .leaseReason("at least 8 times the setting 'tick'")
                .renewals(RENEWALS, RENEWALS)
                .takeover(1, settings.tick().plus(SLACK))
                .build();
    }

    /**
     * A backend over a Curator client of the caller's own, with the usual settings.
     *
     * @param curator started; its retries do not matter to us, and it stays the caller's
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ZooKeeperBackend using(CuratorFramework curator) {
        return using(curator, ZooKeeperSettings.DEFAULTS);
    }

    /**
     * A backend over a Curator client of the caller's own. Its session timeout must not be shorter than the lease.
     *
     * @param curator as above
     * @param settings prefix, times and rights; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ZooKeeperBackend using(CuratorFramework curator, ZooKeeperSettings settings) {
        Objects.requireNonNull(settings, "settings");
        String namespace = curator.getNamespace();
        String above = namespace == null || namespace.isEmpty() ? "/" : "/" + namespace + "/";
        LockPaths paths = new LockPaths(above + settings.prefix());
        OpenSessions<ZooKeeperSession> sessions =
                OpenSessions.onLentClient("zookeeper (a lent client)", ZooKeeperSession::abandon);
        return new ZooKeeperBackend(new SharedLinks(curator), settings, paths, sessions);
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return sessions.store();
    }

    List<ZooKeeperSession> sessions() {
        return sessions.all();
    }

    /** Connects, makes the session's node and waits until its deadline is worth beginning with. */
    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return sessions.unlessClosed(() -> links.join(plan(options.lease(), options.label(), options.runtime()))
                .thenCompose(link -> opened(link, options, events)));
    }

    private LinkPlan plan(Duration lease, String label, LockRuntime own) {
        return new LinkPlan(settings, paths, store(), lease, label, own, links.areShared());
    }

    private CompletionStage<LockSession> opened(Link link, SessionOptions options, SessionEvents events) {
        Duration granted = link.sessionTimeout();
        if (granted.compareTo(options.lease()) < 0 || (granted.compareTo(options.lease()) > 0 && !links.areShared())) {
            links.leave(link);
            return outOfRange(options, granted);
        }
        ZooKeeperSession session = new ZooKeeperSession(this, link, options, events);
        link.add(session);
        return CompletableFuture.completedFuture(sessions.add(session));
    }

    /** The servers gave one end of their range instead; who asks for the impossible in the other direction hears the other end. */
    private CompletionStage<LockSession> outOfRange(SessionOptions options, Duration granted) {
        String start = "lease " + options.lease() + " is out of range: " + store();
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

    /** A session is closed. */
    CompletionStage<@Nullable Void> leave(ZooKeeperSession session) {
        sessions.forget(session);
        session.link().remove(session);
        return links.leave(session.link());
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return looked("inspect", look -> look.inspect(name));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return looked("list", Lookup::list);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return looked("release by force", look -> look.forceRelease(name, storeToken));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return sessions.ask(runtime -> asked(runtime, link -> new Diagnosis(link, paths, settings, links.servers())
                        .findings(runtime.executor()))
                .thenApply(found -> {
                    List<StoreFinding> all = new ArrayList<>(found);
                    all.addAll(links.way());
                    return List.copyOf(all);
                }));
    }

    private <T> CompletionStage<T> looked(String what, Function<Lookup, CompletableFuture<T>> question) {
        return sessions.ask(runtime -> asked(runtime, link -> {
            Lookup look = new Lookup(link.requests(), paths);
            return link.requests().limit(question.apply(look), what, runtime);
        }));
    }

    /** Asks over the link of any session that is connected, or over one of its own. */
    private <T> CompletionStage<T> asked(LockRuntime runtime, Function<Link, CompletableFuture<T>> question) {
        for (ZooKeeperSession session : sessions.all()) {
            if (session.link().isConnected()) {
                return question.apply(session.link());
            }
        }
        return links.join(plan(settings.shortestLease(), "inspection", runtime))
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
        if (sessions.endAll()) {
            links.close();
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
