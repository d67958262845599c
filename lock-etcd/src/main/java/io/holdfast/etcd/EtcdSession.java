// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Response;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A lease in etcd, with a key of its own and the contenders that it keeps. */
final class EtcdSession implements LockSession {
    /** Pause before a look that failed is taken again. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Of contends, and of releases: enough for any link, and a fraction of a second's work for etcd. */
    static final int AT_ONCE = 128;

    private final EtcdBackend backend;
    private final SessionOptions options;
    private final SessionEvents events;
    private final WakeUps wakeUps;
    private final long leaseId;
    private final Duration lease;
    private final ByteSequence key;
    private final long begun;
    private final Lanes lanes;
    private final SeenData data;
    private final Entrance entrance;
    private final Renewals renewals;
    private final Slots slots = new Slots();
    private final Exit exit = new Exit(this);
    private final Undo undo = new Undo(this);
    private final Map<Long, EtcdContender> contenders = new ConcurrentHashMap<>();

    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();

    /**
     * What opening has found.
     *
     * @param leaseId the lease
     * @param lease the smaller of asked and granted
     * @param keyPut the answer to the putting of the session's key
     * @param openedAt just before the lease was asked for
     */
    record Opened(long leaseId, Duration lease, Response.Header keyPut, long openedAt) {}

    EtcdSession(EtcdBackend backend, SessionOptions options, SessionEvents events, WakeUps wakeUps, Opened opened) {
        this.backend = backend;
        this.options = options;
        this.events = events;
        this.wakeUps = wakeUps;
        this.leaseId = opened.leaseId();
        this.lease = opened.lease();
        this.key = LockKeys.bytes(backend.keys().session(leaseId));
        this.begun = opened.keyPut().getRevision();
        this.lanes = new Lanes(backend.keys(), leaseId);
        this.data = new SeenData(opened.keyPut());
        this.entrance = new Entrance(this);
        this.renewals = new Renewals(backend, this, options.runtime(), opened.openedAt());
    }

    @Override
    public String id() {
        return Long.toHexString(leaseId);
    }

    long leaseId() {
        return leaseId;
    }

    /** Its own key: without it nothing of the session counts any more. */
    ByteSequence key() {
        return key;
    }

    /** The revision at which its key was put. */
    long begun() {
        return begun;
    }

    Lanes lanes() {
        return lanes;
    }

    Undo undo() {
        return undo;
    }

    Exit exit() {
        return exit;
    }

    @Override
    public Duration lease() {
        return lease;
    }

    @Override
    public long basis() {
        return renewals.basis();
    }

    WakeUps wakeUps() {
        return wakeUps;
    }

    Failures failures() {
        return backend.failures();
    }

    LockException failureOf(@Nullable Throwable failure, String what) {
        return Failures.isLeaseGone(failure)
                ? backend.failures().sessionGone(what)
                : backend.failures().of(failure, what);
    }

    // ---- contenders

    @Override
    public Contender contend(LockRequest request) {
        String line = backend.keys().line(request.name());
        int slot = slots.take(line);
        EtcdContender contender = new EtcdContender(this, request, ContenderKey.of(line, leaseId, slot));
        contenders.put(request.contenderId(), contender);
        if (slot < 0) {
            contender.failed(notSent("earlier attempts of this client are still being undone"), Effect.NONE);
        } else if (left.get()) {
            contender.failed(notSent("its session is closed"), Effect.NONE);
        } else {
            entrance.enter(contender);
        }
        return contender;
    }

    LockException notSent(String why) {
        return new LockUnavailableException("store " + backend.store() + ", contend: not sent, because " + why);
    }

    /** Puts a key under the session's lease. */
    Op put(ByteSequence under) {
        return Op.put(
                under,
                LockKeys.bytes(options.runtime().clock().wallMillis() + " " + options.label()),
                PutOption.builder().withLeaseId(leaseId).build());
    }

    /** A contender's place in line and those before it, as every member of the cluster would have it now. */
    CompletableFuture<TxnResponse> readLine(EtcdContender contender) {
        return send(new Transaction(
                "look at the line",
                List.of(),
                List.of(
                        Requests.look(contender.key().bytes()),
                        Requests.newest(
                                contender.key().lineBytes(),
                                contender.standing().created() - 1,
                                1)),
                List.of()));
    }

    void lookLater(EtcdContender contender) {
        options.runtime().scheduler().schedule(contender::look, LOOK_AGAIN_NANOS);
    }

    // ---- giving back

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        EtcdContender contender = contenderOf(grant);
        if (!contender.isOf(this)) {
            return CompletableFuture.completedFuture(false); // another session's, of which this one has nothing
        }
        return exit.remove(contender, grant.storeToken()).thenApply(removed -> {
            contender.over();
            return removed;
        });
    }

    static EtcdContender contenderOf(Grant grant) {
        if (grant.reference() instanceof EtcdContender contender) {
            return contender;
        }
        throw new IllegalArgumentException("not a grant of etcd's: " + grant);
    }

    void forget(EtcdContender contender) {
        wakeUps.forget(contender);
        if (contenders.remove(contender.request().contenderId(), contender)
                && contender.key().slot() >= 0) {
            slots.free(contender.key().line(), contender.key().slot());
        }
    }

    // ---- the session itself

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        List<EtcdContender> ours = new ArrayList<>(asked.size());
        for (Contender contender : asked) {
            if (contender instanceof EtcdContender one && one.standing().canBeSeen()) {
                ours.add(one);
            }
        }
        return renewals.renew(ours);
    }

    /** What a failure means; a lease that is gone ends the session, too. */
    LockException gone(@Nullable Throwable failure, String what) {
        if (Failures.isLeaseGone(failure)) {
            lost("its lease has ended in etcd");
        }
        return failureOf(failure, what);
    }

    /** A grant's key is gone while its lease lives: deleted by force, or by a stranger. */
    void grantLost(Grant grant) {
        if (!left.get()) {
            events.grantLost(grant, "its key in etcd is gone");
        }
    }

    boolean hasLeft() {
        return left.get();
    }

    void lost(String why) {
        if (lost.compareAndSet(false, true) && !left.get()) {
            events.sessionLost(why);
        }
    }

    @Override
    public CompletionStage<@Nullable Void> close() {
        leave();
        return backend.requests().revoke(leaseId, options.runtime()).handle((done, failure) -> {
            if (failure != null && !Failures.isLeaseGone(failure)) {
                throw failureOf(failure, "close the session");
            }
            contenders.values().forEach(EtcdContender::over);
            return null;
        });
    }

    /** The backend is closed under it. */
    void abandon() {
        leave();
        events.sessionLost("the backend was closed");
    }

    /** Ends what it has in this process; what may be left in etcd ends with its lease. */
    void leave() {
        if (left.compareAndSet(false, true)) {
            contenders.values().forEach(EtcdContender::leaveSession);
            wakeUps.leave();
            backend.forget(this);
        }
    }

    CompletableFuture<TxnResponse> send(Transaction transaction) {
        return send(transaction, backend.requests());
    }

    /** Sends a transaction with limits of its own; an answer from data that went back ends the session (rule ME-9). */
    CompletableFuture<TxnResponse> send(Transaction transaction, Requests requests) {
        long known = data.revision(); // before it leaves: what is seen meanwhile may be newer than its answer
        return requests.send(transaction, options.runtime()).thenApply(reply -> {
            if (!data.goesOn(reply.getHeader(), known)) {
                lost("etcd's data went back in time, as from a backup, or are another cluster's");
                throw backend.failures().unanswered(transaction.what(), "etcd's data went back in time");
            }
            return reply;
        });
    }

    @Override
    public String toString() {
        return id() + " (" + options.label() + ")";
    }
}
