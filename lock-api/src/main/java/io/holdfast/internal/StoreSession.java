// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One session of the client in the store, with its places and its deadline.
 *
 * <p>Open → retired (an undo stayed unconfirmed for a lease: no new contenders, closed with its last place) → over (lost, past
 * its deadline, or closed). What is over stays over (rule ME-4).
 */
final class StoreSession implements SessionEvents {
    private final EngineClient client;
    private final LockSession session;
    private final Capabilities capabilities;
    private final LeaseDeadline lease;
    private final long leaseNanos;
    private final RenewalSchedule schedule;
    private final Background background;

    private final ConcurrentHashMap<Long, Place> places = new ConcurrentHashMap<>();
    /** Names with a grant to give once a renewal is acknowledged; in their order, so that a simulation repeats it. */
    private final Set<NameState> confirming = new LinkedHashSet<>();

    private final AtomicBoolean over = new AtomicBoolean();

    /** Grants on their way back. */
    private final AtomicInteger returning = new AtomicInteger();

    private volatile boolean retired;

    /**
     * Since when what was asked for before is in doubt: the machine may have been suspended (rule ME-5), or the store is in doubt of
     * us. Ended by the acknowledgement of a round that was sent since; one object each time, so that an older round ends no newer doubt.
     */
    private final AtomicReference<@Nullable Doubt> doubt = new AtomicReference<>();

    private record Doubt(long since) {}

    StoreSession(EngineClient client, LockSession session) {
        this.client = client;
        this.session = session;
        this.capabilities = client.capabilities();
        this.leaseNanos = session.lease().toNanos();
        boolean endless = capabilities.scope() != LeaseScope.SESSION;
        this.lease = new LeaseDeadline(client.clock(), leaseNanos, endless, session.basis());
        this.background = new Background(client, this, session);
        this.schedule = new RenewalSchedule(client, this);
        schedule.start();
    }

    // -- contenders --

    Contender contend(LockRequest request) {
        return session.contend(request);
    }

    /** The lease that keeps a new place: the session's, or one of its own counted from before its request. */
    LeaseDeadline leaseOf(long before) {
        return switch (capabilities.scope()) {
            case SESSION -> lease;
            case GRANT -> new LeaseDeadline(client.clock(), leaseNanos, false, before);
            case NONE -> new LeaseDeadline(client.clock(), leaseNanos, true, before);
        };
    }

    void track(Place p) {
        places.put(p.id(), p);
        schedule.placeCame();
        if (over.get()) {
            // The session ended between the look and the entry, and its round over the places may have missed this one.
            p.lease.end();
            p.state.deliver(() -> p.state.gone(p, "the session has ended"));
        }
    }

    void untrack(Place p) {
        places.remove(p.id(), p);
        if (retired && places.isEmpty()) {
            client.execute(this::closeIfRetired);
        }
    }

    /** Takes a learned grant's basis over. @return false when its deadline has passed already */
    boolean learned(Place p, Grant grant) {
        return capabilities.scope() == LeaseScope.GRANT ? p.lease.extend(grant.basis()) : p.lease.alive();
    }

    // -- renewal --

    long leaseNanos() {
        return leaseNanos;
    }

    LeaseDeadline lease() {
        return lease;
    }

    Iterable<Place> places() {
        return places.values();
    }

    boolean hasPlaces() {
        return !places.isEmpty();
    }

    /** Whether a grant should be confirmed by a renewal before it is given to an owner. */
    boolean isDoubtful(Place p) {
        // What was asked for after the machine stood still is as good as renewed.
        Doubt d = doubt.get();
        return p.lease.scarce() || (d != null && !p.lease.isSince(d.since()));
    }

    /** Whether an acknowledged round says nothing of a grant that it did not extend. */
    boolean renewsEachGrant() {
        return capabilities.scope() == LeaseScope.GRANT;
    }

    boolean acknowledgedSince(long time) {
        return schedule.acknowledgedSince(time);
    }

    /** Tells the name of the next acknowledgement. */
    void tellWhenRenewed(NameState waiting) {
        synchronized (confirming) {
            confirming.add(waiting);
        }
    }

    /** Has a round sent at once. */
    void renewNow() {
        schedule.renewNow();
    }

    /** What was asked for before now is in doubt. */
    void suspended(long now) {
        doubt.set(new Doubt(now));
        for (Place p : places.values()) {
            p.state.deliver(() -> p.state.suspect(p));
        }
        schedule.renewNow();
    }

    /** Sends one renewal round. */
    void renew(long sentAt) {
        List<Place> named = new ArrayList<>(places.values());
        List<Contender> contenders = new ArrayList<>(named.size());
        named.forEach(p -> contenders.add(p.contender));
        client.counters().renewals.increment();
        CompletionStage<Renewal> answer;
        try {
            answer = session.renew(contenders);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((r, e) -> {
            if (r == null) {
                failed(e);
            } else {
                acknowledged(r, named, sentAt);
            }
        });
    }

    private void failed(@Nullable Throwable why) {
        schedule.failed();
        client.outage().noticed(client.failures().unwrap(why));
    }

    private void acknowledged(Renewal renewal, List<Place> named, long sentAt) {
        // Where each grant has its own lease, a round that named nobody the store knows of may have asked it nothing:
        // an outage is
        // not over by that (rule WA-6), and nothing is renewed.
        if (capabilities.scope() == LeaseScope.GRANT && renewal.statuses().isEmpty()) {
            schedule.failed();
            return;
        }
        client.outage().over();
        if (capabilities.scope() == LeaseScope.SESSION && !lease.extend(session.basis())) {
            end("its lease passed before a renewal was acknowledged", true);
            return;
        }
        Doubt d = doubt.get();
        if (d != null && sentAt - d.since() >= 0) {
            // An older round proves nothing: its request may have left before the machine stood still.
            doubt.compareAndSet(d, null);
        }
        // After the basis: who sees the acknowledgement must see the lease that it brought.
        schedule.acknowledged(sentAt);
        for (Place p : named) {
            ContenderStatus status = renewal.statuses().get(p.id());
            apply(p, status, renewal.sentAt());
        }
        takeConfirming().forEach(state -> state.deliver(state::proceed));
    }

    private List<NameState> takeConfirming() {
        synchronized (confirming) {
            List<NameState> taken = List.copyOf(confirming);
            confirming.clear();
            return taken;
        }
    }

    private void apply(Place p, @Nullable ContenderStatus status, long sentAt) {
        boolean kept = status instanceof ContenderStatus.Holding || status instanceof ContenderStatus.Waiting;
        if (capabilities.scope() == LeaseScope.GRANT) {
            if (status == null || status instanceof ContenderStatus.Unknown) {
                return;
            }
            if (kept && !p.lease.extend(sentAt)) {
                p.state.deliver(() -> p.state.expired(p));
                return;
            }
        }
        boolean news = status != null
                && !(status instanceof ContenderStatus.Unknown)
                && !(status instanceof ContenderStatus.Waiting && p.grant == null);
        if (news || p.grant != null) {
            p.state.deliver(() -> p.state.renewal(p, status, sentAt));
        }
    }

    // -- the end --

    boolean isOver() {
        return over.get();
    }

    boolean isRetired() {
        return retired;
    }

    boolean isUsable() {
        return !retired && !over.get() && lease.alive();
    }

    Background background() {
        return background;
    }

    /** No new contenders: an undo in it may still be overtaken by what it undoes (rule UO-5). */
    void retire() {
        if (!retired) {
            retired = true;
            client.sessions().forget(this);
            closeIfRetired();
        }
    }

    /** A grant goes back: a retired session is not closed over its head, which would take it along and call it lost. */
    void returning(CompletableFuture<Boolean> answer) {
        returning.incrementAndGet();
        answer.whenComplete((released, failure) -> {
            returning.decrementAndGet();
            if (retired) {
                client.execute(this::closeIfRetired);
            }
        });
    }

    private void closeIfRetired() {
        if (retired && places.isEmpty() && returning.get() == 0 && over.compareAndSet(false, true)) {
            schedule.stop();
            lease.end();
            background.closeSession();
            client.sessions().forget(this);
        }
    }

    @Override
    public void sessionLost(String why) {
        end(why, true);
    }

    @Override
    public void sessionSuspect(String why) {
        if (!over.get()) {
            suspended(client.clock().nanoTime());
        }
    }

    @Override
    public void grantLost(Grant grant, String why) {
        Place p = places.get(grant.contenderId());
        if (p != null) {
            p.state.deliver(() -> p.state.gone(p, why));
        }
    }

    /** The session is dead for good: everything of it is lost, waiters contend anew in another one. */
    void end(String why, boolean removeFromStore) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        schedule.stop();
        endLeases();
        if (removeFromStore) {
            background.closeSession();
        }
        client.sessions().forget(this);
        for (Place p : places.values()) {
            p.state.deliver(() -> p.state.gone(p, why));
        }
    }

    /** Before the store hears of the end: whoever it gives the locks to next must not hold beside one that is valid (rule ME-6). */
    private void endLeases() {
        lease.end();
        for (Place p : places.values()) {
            p.lease.end();
        }
    }

    /** Closes it in the store as the client closes. */
    CompletionStage<@Nullable Void> close() {
        over.set(true);
        schedule.stop();
        lease.end();
        return session.close();
    }

    /** A session is lost while it is being opened: its events come before it is known. */
    static final class Events implements SessionEvents {
        private @Nullable StoreSession target;
        private @Nullable String lost;

        @Override
        public void sessionLost(String why) {
            StoreSession t;
            synchronized (this) {
                lost = why;
                t = target;
            }
            if (t != null) {
                t.sessionLost(why);
            }
        }

        @Override
        public void sessionSuspect(String why) {
            StoreSession t;
            synchronized (this) {
                t = target;
            }
            if (t != null) {
                t.sessionSuspect(why);
            }
        }

        @Override
        public void grantLost(Grant grant, String why) {
            StoreSession t;
            synchronized (this) {
                t = target;
            }
            if (t != null) {
                t.grantLost(grant, why);
            }
        }

        void attach(StoreSession session) {
            String why;
            synchronized (this) {
                target = session;
                why = lost;
            }
            if (why != null) {
                session.sessionLost(why);
            }
        }
    }
}
