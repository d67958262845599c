// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final String store;
    private final Capabilities capabilities;
    private final Set<ZooKeeperSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Of the configuration, or of the first client that opened a session here; null before that. */
    private volatile @Nullable LockRuntime runtime;

    ZooKeeperBackend(Links links, ZooKeeperSettings settings, LockPaths paths, String store) {
        this.links = links;
        this.settings = settings;
        this.paths = paths;
        this.store = store;
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
        return new ZooKeeperBackend(new SharedLinks(curator), settings, paths, "zookeeper (a lent client)");
    }

    ZooKeeperBackend withRuntime(LockRuntime own) {
        runtime = own;
        return this;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store;
    }

    Set<ZooKeeperSession> sessions() {
        return sessions;
    }

    /** Connects, makes the session's node and waits until its deadline is worth beginning with. */
    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(closedException());
        }
        if (runtime == null) {
            runtime = options.runtime();
        }
        return links.join(plan(options.lease(), options.label(), options.runtime()))
                .thenCompose(link -> opened(link, options, events));
    }

    private LinkPlan plan(Duration lease, String label, LockRuntime own) {
        return new LinkPlan(settings, paths, store, lease, label, own, links.areShared());
    }

    private CompletionStage<LockSession> opened(Link link, SessionOptions options, SessionEvents events) {
        Duration granted = link.sessionTimeout();
        if (granted.compareTo(options.lease()) < 0 || (granted.compareTo(options.lease()) > 0 && !links.areShared())) {
            links.leave(link);
            return outOfRange(options, granted);
        }
        ZooKeeperSession session = new ZooKeeperSession(this, link, options, events);
        sessions.add(session);
        link.add(session);
        if (closed.get()) { // closed meanwhile by another thread, which may have missed this session
            session.abandon();
            return CompletableFuture.failedFuture(closedException());
        }
        return CompletableFuture.completedFuture(session);
    }

    /** The servers gave one end of their range instead; who asks for the impossible in the other direction hears the other end. */
    private CompletionStage<LockSession> outOfRange(SessionOptions options, Duration granted) {
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

    /** A session is closed. */
    CompletionStage<@Nullable Void> leave(ZooKeeperSession session) {
        sessions.remove(session);
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
        return asked("diagnose", link -> new Diagnosis(link, paths, settings, links.servers()).findings());
    }

    private <T> CompletionStage<T> looked(String what, Function<Lookup, CompletableFuture<T>> question) {
        return asked(what, link -> link.requests().limit(question.apply(new Lookup(link.requests(), paths)), what));
    }

    /** Asks over the link of any session that is connected. */
    private <T> CompletionStage<T> asked(String what, Function<Link, CompletableFuture<T>> question) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(closedException());
        }
        for (ZooKeeperSession session : sessions) {
            if (session.link().isConnected()) {
                return question.apply(session.link());
            }
        }
        LockRuntime own = runtime;
        if (own == null) {
            return CompletableFuture.failedFuture(new LockUnavailableException(
                    "store " + store + ", " + what + ": no client has opened a session on this backend"));
        }
        return links.join(plan(settings.shortestLease(), "inspection", own))
                .thenCompose(link -> question.apply(link).whenComplete((answer, failure) -> links.leave(link)));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            List.copyOf(sessions).forEach(ZooKeeperSession::abandon);
            links.close();
        }
    }

    private LockException closedException() {
        return new LockClosedException("the backend of " + store + " is closed");
    }

    @Override
    public String toString() {
        return store;
    }
}
