// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.internal.context.Engine;
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
import org.jspecify.annotations.Nullable;

/**
 * One session of the client in the store, with its places and its deadline.
 *
 * <p>Open → retired (an undo stayed unconfirmed for a lease: no new contenders, closed with its last place) → over (lost, past
 * its deadline, or closed). What is over stays over (rule ME-4).
 */
public final class StoreSession implements SessionEvents, RenewalSchedule.Rounds, Background.Owner {
    private static final String SESSION_ENDED = "the session has ended";

    /** Who keeps sessions, and hears of them. */
    interface Keeper {
        /** It takes no new contenders any more, or is over. */
        void forget(StoreSession s);

        /** A round of renewals is about to be sent. */
        void roundBegins();

        /** Something that the store had to confirm is confirmed, or given up. */
        void settled();
    }

    private final Engine engine;
    private final LockSession session;
    private final Outage outage;
    private final Keeper keeper;
    private final Capabilities capabilities;
    private final LeaseDeadline lease;
    private final RenewalSchedule schedule;
    private final Background background;

    private final ConcurrentHashMap<Long, Leased> places = new ConcurrentHashMap<>();
    /** Names with a grant to give once a renewal is acknowledged; in their order, so that a simulation repeats it. */
    private final Set<SessionUser> confirming = new LinkedHashSet<>();

    private final AtomicBoolean over = new AtomicBoolean();

    /** Grants on their way back. */
    private final AtomicInteger returning = new AtomicInteger();

    private volatile boolean retired;

    /**
     * Requests sent before this time prove nothing any more: the machine may have been suspended (rule ME-5), or the store may have
     * ended the session. It is never reset: a lease is proven again as soon as its own basis is later. A round that says nothing of a
     * grant, or confirms only an older request, leaves that grant in doubt.
     */
    private volatile @Nullable Long doubtedAt;

    StoreSession(Engine engine, LockSession session, Outage outage, Keeper keeper) {
        this.engine = engine;
        this.session = session;
        this.outage = outage;
        this.keeper = keeper;
        this.capabilities = engine.capabilities();
        boolean endless = capabilities.scope() != LeaseScope.SESSION;
        this.lease = new LeaseDeadline(engine.clock(), session.lease().toNanos(), endless, session.basis());
        this.background = new Background(engine, session, outage, this);
        this.schedule = new RenewalSchedule(engine, lease, places.values(), this);
        schedule.start();
    }

    // -- contenders --

    public Contender contend(LockRequest request) {
        return session.contend(request);
    }

    /** The lease that keeps a new place: the session's, or one of its own counted from before its request. */
    public LeaseDeadline leaseOf(long before) {
        return switch (capabilities.scope()) {
            case SESSION -> lease;
            case GRANT -> new LeaseDeadline(engine.clock(), leaseNanos(), false, before);
            case NONE -> new LeaseDeadline(engine.clock(), leaseNanos(), true, before);
        };
    }

    public void track(Leased p) {
        places.put(p.id(), p);
        schedule.placeCame();
        if (over.get()) {
            // The session ended between the look and the entry, and its round over the places may have missed this one.
            p.lease.end(SESSION_ENDED);
            // A session in the store takes all of it along; a grant
            // of its own lease may come all the same, and goes back.
            boolean takesAlong = capabilities.scope() != LeaseScope.GRANT;
            if (takesAlong) {
                p.gone(p.lease.whyOver());
            } else {
                p.expired();
            }
        }
    }

    public void untrack(Leased p) {
        places.remove(p.id(), p);
        if (retired && places.isEmpty()) {
            engine.execute(this::closeIfRetired);
        }
    }

    /** Takes a learned grant's basis over. @return false when its deadline has passed already */
    public boolean learned(Leased p, Grant grant) {
        return capabilities.scope() == LeaseScope.GRANT ? p.lease.extend(grant.basis()) : p.lease.alive();
    }

    // -- renewal --

    /** How long the store keeps it without a renewal, in nanoseconds. */
    @Override
    public long leaseNanos() {
        return lease.leaseNanos();
    }

    /** Whether a grant should be confirmed by a renewal before it is given to an owner. */
    public boolean isDoubtful(Leased p) {
        // What was asked for after the machine stood still is as good as renewed.
        Long since = doubtedAt;
        return p.lease.scarce() || (since != null && !p.lease.isSince(since));
    }

    public boolean acknowledgedSince(long time) {
        return schedule.acknowledgedSince(time);
    }

    /** Tells of the next acknowledgement. */
    public void tellWhenRenewed(SessionUser waiting) {
        synchronized (confirming) {
            confirming.add(waiting);
        }
    }

    /** Has a round sent at once. */
    public void renewNow() {
        schedule.renewNow();
    }

    /** What was asked for before now is in doubt. */
    @Override
    public void suspended(long now) {
        doubtedAt = now;
        places.values().forEach(Leased::suspect);
        schedule.renewNow();
    }

    @Override
    public void leasePassed() {
        end(LeaseDeadline.PASSED, true);
    }

    @Override
    public void send(long now) {
        keeper.roundBegins();
        engine.callStore(() -> renew(now), false);
    }

    /** Sends one renewal round. */
    private void renew(long sentAt) {
        List<Leased> named = new ArrayList<>(places.values());
        List<Contender> contenders = new ArrayList<>(named.size());
        named.forEach(p -> contenders.add(p.contender));
        engine.counters().renewals.increment();
        CompletionStage<Renewal> answer;
        try {
            answer = session.renew(contenders);
        } catch (
                Throwable e) { // a class that cannot be loaded, no memory: the next round may be better off (rule SP-7)
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((r, e) -> {
            if (r == null) {
                failed(e, sentAt);
            } else {
                acknowledged(r, named, sentAt);
            }
        });
    }

    private void failed(@Nullable Throwable why, long sentAt) {
        schedule.failed(sentAt);
        outage.noticed(engine.failures().unwrap(why));
    }

    private void acknowledged(Renewal renewal, List<Leased> named, long sentAt) {
        // Where each grant has its own lease, a round that named nobody the store knows of may have
        // asked it nothing: an outage is not over by that (rule WA-6), and nothing is renewed.
        if (capabilities.scope() == LeaseScope.GRANT && renewal.statuses().isEmpty()) {
            schedule.failed(sentAt);
            return;
        }
        outage.over();
        if (capabilities.scope() == LeaseScope.SESSION && !lease.extend(session.basis())) {
            end("its lease passed before a renewal was acknowledged", true);
            return;
        }
        // After the basis: who sees the acknowledgement must see the lease that it brought.
        schedule.acknowledged(sentAt);
        for (Leased p : named) {
            ContenderStatus status = renewal.statuses().get(p.id());
            apply(p, status, renewal.sentAt());
        }
        takeConfirming().forEach(SessionUser::goOn);
    }

    private List<SessionUser> takeConfirming() {
        synchronized (confirming) {
            List<SessionUser> taken = List.copyOf(confirming);
            confirming.clear();
            return taken;
        }
    }

    private void apply(Leased p, @Nullable ContenderStatus status, long sentAt) {
        boolean kept = status instanceof ContenderStatus.Holding || status instanceof ContenderStatus.Waiting;
        if (capabilities.scope() == LeaseScope.GRANT) {
            if (status == null || status instanceof ContenderStatus.Unknown) {
                return;
            }
            if (kept && !p.lease.extend(sentAt)) {
                p.expired();
                return;
            }
        }
        boolean news = status != null
                && !(status instanceof ContenderStatus.Unknown)
                && !(status instanceof ContenderStatus.Waiting && !p.isGranted());
        if (news || p.isGranted()) {
            p.renewal(status, sentAt);
        }
    }

    // -- the end --

    /** Whether it has ended. */
    @Override
    public boolean isOver() {
        return over.get();
    }

    /** Whether it takes no new contenders. */
    public boolean isRetired() {
        return retired;
    }

    boolean isUsable() {
        return !retired && !over.get() && lease.alive();
    }

    /** What the store must still confirm. */
    public Background background() {
        return background;
    }

    /** No new contenders: an undo in it may still be overtaken by what it undoes (rule UO-5). */
    @Override
    public void retire() {
        if (!retired) {
            retired = true;
            keeper.forget(this);
            closeIfRetired();
        }
    }

    /** A grant goes back: a retired session is not closed over its head, which would take it along and call it lost. */
    public void returning(CompletableFuture<Boolean> answer) {
        returning.incrementAndGet();
        answer.whenComplete((released, failure) -> {
            returning.decrementAndGet();
            if (retired) {
                engine.execute(this::closeIfRetired);
            }
        });
    }

    private void closeIfRetired() {
        if (retired && places.isEmpty() && returning.get() == 0 && over.compareAndSet(false, true)) {
            schedule.stop();
            lease.end(SESSION_ENDED);
            background.closeSession();
            keeper.forget(this);
        }
    }

    @Override
    public void settled() {
        keeper.settled();
    }

    @Override
    public void sessionLost(String why) {
        end(why, true);
    }

    @Override
    public void sessionSuspect(String why) {
        if (!over.get()) {
            suspended(engine.clock().nanoTime());
        }
    }

    @Override
    public void grantLost(Grant grant, String why) {
        Leased p = places.get(grant.contenderId());
        if (p != null) {
            p.grantGone(grant, why);
        }
    }

    /** The session is dead for good: everything of it is lost, waiters contend anew in another one. */
    void end(String why, boolean removeFromStore) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        schedule.stop();
        endLeases(why);
        if (removeFromStore) {
            background.closeSession();
        }
        keeper.forget(this);
        places.values().forEach(p -> p.gone(why));
    }

    /** Before the store hears of the end: whoever it gives the locks to next must not hold beside one that is valid (rule ME-6). */
    private void endLeases(String why) {
        lease.end(why);
        places.values().forEach(p -> p.lease.end(why));
    }

    /** Closes it in the store as the client closes. */
    public CompletionStage<@Nullable Void> close() {
        over.set(true);
        schedule.stop();
        lease.end("the client was closed");
        return session.close();
    }
}
