// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
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
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A lease in etcd, with a key of its own and the contenders that it keeps.
 *
 * <p>The revision of its key is what makes an undo final (rule UO-2): every contend counts only while the key has the revision it
 * had when the contend was sent, and an undo changes it.
 */
final class EtcdSession implements LockSession {
    /** Pause before a look that failed is taken again. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final EtcdBackend backend;
    private final SessionOptions options;
    private final SessionEvents events;
    private final WakeUps wakeUps;
    private final long leaseId;
    private final Duration lease;
    private final ByteSequence sessionKey;
    private final Renewals renewals;
    private final Slots slots = new Slots();
    private final Map<Long, EtcdContender> contenders = new ConcurrentHashMap<>();

    /** Of the session's key, as far as is known. It only grows. */
    private final AtomicLong keyRevision;

    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();

    /**
     * What opening has found.
     *
     * @param leaseId the lease
     * @param lease the smaller of asked and granted
     * @param keyRevision of the session's key
     * @param openedAt just before the lease was asked for
     */
    record Opened(long leaseId, Duration lease, long keyRevision, long openedAt) {}

    EtcdSession(EtcdBackend backend, SessionOptions options, SessionEvents events, WakeUps wakeUps, Opened opened) {
        this.backend = backend;
        this.options = options;
        this.events = events;
        this.wakeUps = wakeUps;
        this.leaseId = opened.leaseId();
        this.lease = opened.lease();
        this.keyRevision = new AtomicLong(opened.keyRevision());
        this.sessionKey = LockKeys.bytes(backend.keys().session(leaseId));
        this.renewals = new Renewals(backend, this, options.runtime(), opened.openedAt());
    }

    @Override
    public String id() {
        return Long.toHexString(leaseId);
    }

    long leaseId() {
        return leaseId;
    }

    ByteSequence sessionKey() {
        return sessionKey;
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
        EtcdContender contender = new EtcdContender(this, request, line, slot);
        contenders.put(request.contenderId(), contender);
        if (slot < 0) {
            contender.failed(notSent("earlier attempts of this client are still being undone"));
        } else if (left.get()) {
            contender.failed(notSent("its session is closed"));
        } else {
            enter(contender);
        }
        return contender;
    }

    private LockException notSent(String why) {
        return new LockUnavailableException("store " + backend.store() + ", contend: not sent, because " + why);
    }

    /** Takes a place: one transaction, which counts only while nothing was undone since. */
    private void enter(EtcdContender contender) {
        long known = keyRevision.get();
        contender.sending(known);
        Grant givenUp = contender.request().releasing();
        List<Op> then = new ArrayList<>(3);
        if (givenUp != null) {
            then.add(release(givenUp.storeToken(), contenderOf(givenUp).key));
        }
        then.add(Op.put(contender.key, value(), keptByLease()));
        then.add(Requests.newest(contender.lineBytes, 0, 2));
        send(new Transaction(
                        "contend",
                        List.of(
                                Requests.changedAt(sessionKey, known),
                                // A key that is there would keep its old create revision, and its token with it.
                                Requests.createdAt(contender.key, 0)),
                        then,
                        List.of(Requests.look(sessionKey), Requests.look(contender.key))))
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        contender.failed(gone(failure, "contend"));
                    } else if (!reply.isSucceeded()) {
                        refused(contender, known, reply);
                    } else {
                        if (givenUp != null) {
                            contenderOf(givenUp).over();
                        }
                        contender.entered(reply);
                    }
                });
    }

    /** Another name's undo came in between: sent again at once. */
    private void refused(EtcdContender contender, long known, TxnResponse reply) {
        long now = revisionOf(reply.getGetResponses().get(0));
        if (now == 0) {
            lost("its key in etcd is gone");
            contender.failed(backend.failures().sessionGone("contend"));
        } else if (now < known) { // revisions only grow: with this key every contend would be refused for good
            lost("etcd's data went back in time");
            contender.failed(backend.failures().sessionGone("contend"));
        } else if (now == known) {
            contender.failed(backend.failures().unanswered("contend", "there is a key where it was to be put"));
        } else {
            advance(now);
            enter(contender);
        }
    }

    private static Op release(long revision, ByteSequence key) {
        return Op.txn(
                new io.etcd.jetcd.op.Cmp[] {Requests.createdAt(key, revision)},
                new Op[] {Requests.delete(key)},
                new Op[] {});
    }

    private ByteSequence value() {
        return LockKeys.bytes(options.runtime().clock().wallMillis() + " " + options.label());
    }

    private PutOption keptByLease() {
        return PutOption.builder().withLeaseId(leaseId).build();
    }

    /** A contender's place in line and those before it, as every member of the cluster would have it now. */
    CompletableFuture<TxnResponse> readLine(EtcdContender contender) {
        return send(new Transaction(
                "look at the line",
                List.of(),
                List.of(Requests.look(contender.key), Requests.newest(contender.lineBytes, contender.created() - 1, 1)),
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
        return remove(contender, grant.storeToken()).thenApply(removed -> {
            contender.over();
            return removed;
        });
    }

    private static EtcdContender contenderOf(Grant grant) {
        if (grant.reference() instanceof EtcdContender contender) {
            return contender;
        }
        throw new IllegalArgumentException("not a grant of etcd's: " + grant);
    }

    /** Deletes a contender's very own key, and no later one in its slot (rule UO-3). @return whether it was there */
    CompletableFuture<Boolean> remove(EtcdContender contender, long created) {
        return send(new Transaction(
                        "release",
                        List.of(Requests.createdAt(contender.key, created)),
                        List.of(Requests.delete(contender.key)),
                        List.of()))
                .thenApply(TxnResponse::isSucceeded);
    }

    /** Undoes a contend of unknown outcome: whenever etcd may still get it, it does nothing any more. */
    CompletionStage<Boolean> undo(EtcdContender contender) {
        return send(new Transaction(
                        "undo",
                        List.of(Requests.changedAt(sessionKey, keyRevision.get())),
                        List.of(Op.put(sessionKey, value(), keptByLease()), Requests.delete(contender.key)),
                        List.of(Requests.look(sessionKey), Requests.look(contender.key))))
                .handle((reply, failure) -> {
                    if (Failures.isLeaseGone(failure)) {
                        lost("its lease has ended in etcd"); // and with it whatever the contend did or will do
                        return CompletableFuture.completedFuture(true);
                    }
                    if (failure != null) {
                        return CompletableFuture.<Boolean>failedFuture(failure);
                    }
                    if (reply.isSucceeded()) {
                        advance(reply.getHeader().getRevision());
                        return CompletableFuture.completedFuture(true);
                    }
                    return overtaken(contender, reply);
                })
                .thenCompose(done -> done);
    }

    /** Another undo has changed the session's key: then this contend, too, either was carried out or never will be. */
    private CompletableFuture<Boolean> overtaken(EtcdContender contender, TxnResponse reply) {
        long now = revisionOf(reply.getGetResponses().get(0));
        GetResponse own = reply.getGetResponses().get(1);
        if (now == 0) {
            lost("its key in etcd is gone");
        }
        advance(now);
        if (now == contender.comparedWith()) {
            return CompletableFuture.failedFuture(
                    backend.failures().unanswered("undo", "the session's key has changed meanwhile"));
        }
        return own.getKvs().isEmpty()
                ? CompletableFuture.completedFuture(false)
                : remove(contender, own.getKvs().get(0).getCreateRevision());
    }

    private void advance(long revision) {
        keyRevision.accumulateAndGet(revision, Math::max);
    }

    private static long revisionOf(GetResponse read) {
        List<KeyValue> found = read.getKvs();
        return found.isEmpty() ? 0 : found.get(0).getModRevision();
    }

    void forget(EtcdContender contender) {
        wakeUps.forget(contender);
        if (contenders.remove(contender.request().contenderId(), contender) && contender.slot >= 0) {
            slots.free(contender.line, contender.slot);
        }
    }

    // ---- the session itself

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        List<EtcdContender> ours = new ArrayList<>(asked.size());
        for (Contender contender : asked) {
            if (contender instanceof EtcdContender one && one.canBeSeen()) {
                ours.add(one);
            }
        }
        return renewals.renew(ours);
    }

    private LockException gone(@Nullable Throwable failure, String what) {
        if (Failures.isLeaseGone(failure)) {
            lost("its lease has ended in etcd");
        }
        return failureOf(failure, what);
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
            contenders.values().forEach(wakeUps::forget);
            wakeUps.leave();
            backend.forget(this);
        }
    }

    private CompletableFuture<TxnResponse> send(Transaction transaction) {
        return backend.requests().send(transaction, options.runtime());
    }

    @Override
    public String toString() {
        return id() + " (" + options.label() + ")";
    }
}
