// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Response;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A lease in etcd, with a key of its own and the contenders that it keeps. */
final class EtcdSession implements LineSession {
    /** Pause before a look that failed is taken again. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Of contends, and of releases: enough for any link, and a fraction of a second's work for etcd. */
    static final int AT_ONCE = 128;

    private static final String CLOSE = "close the session";

    private final EtcdLine line;
    private final SessionOptions options;
    private final LineEvents events;
    private final WakeUps wakeUps;
    private final long leaseId;
    private final Duration lease;
    private final long openedAt;
    private final ByteSequence key;
    private final long begun;
    private final Lanes lanes;
    private final SeenData data;
    private final Entrance entrance;
    private final Renewals renewals;
    private final Slots slots = new Slots();
    private final Exit exit = new Exit(this);
    private final Undo undo = new Undo(this);
    private final Map<Ticket, EtcdContender> contenders = new ConcurrentHashMap<>();

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

    EtcdSession(EtcdLine line, SessionOptions options, LineEvents events, WakeUps wakeUps, Opened opened) {
        this.line = line;
        this.options = options;
        this.events = events;
        this.wakeUps = wakeUps;
        this.leaseId = opened.leaseId();
        this.lease = opened.lease();
        this.openedAt = opened.openedAt();
        this.key = LockKeys.bytes(line.keys().session(leaseId));
        this.begun = opened.keyPut().getRevision();
        this.lanes = new Lanes(line.keys(), leaseId);
        this.data = new SeenData(opened.keyPut());
        this.entrance = new Entrance(this);
        this.renewals = new Renewals(line, this, options.runtime());
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
    public long openedAt() {
        return openedAt;
    }

    Failures failures() {
        return line.failures();
    }

    LockException failureOf(@Nullable Throwable failure, String what) {
        return Failures.isLeaseGone(failure)
                ? line.failures().sessionGone(what)
                : line.failures().of(failure, what);
    }

    // ---- contenders

    @Override
    public CompletionStage<Entry> enter(
            Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
        String range = line.keys().line(ticket.name());
        int slot = slots.take(range);
        if (slot < 0) {
            return CompletableFuture.completedFuture(
                    Entry.refused(notSent("earlier attempts of this client are still being undone")));
        }
        EtcdContender contender = new EtcdContender(this, ticket, ContenderKey.of(range, leaseId, slot));
        contenders.put(ticket, contender);
        // One that is not there any more has nothing to give up.
        return entrance.enter(contender, enqueue, releasing == null ? null : contenders.get(releasing.ticket()));
    }

    /** Nothing of it is there or will be. */
    Entry refused(EtcdContender contender, LockException why) {
        forget(contender);
        return Entry.refused(why);
    }

    LockException notSent(String why) {
        return new LockUnavailableException("store " + line.store() + ", contend: not sent, because " + why);
    }

    /** Puts a key under the session's lease. */
    Op put(ByteSequence under) {
        return Op.put(
                under,
                LockKeys.bytes(options.runtime().clock().wallMillis() + " " + options.label()),
                PutOption.builder().withLeaseId(leaseId).build());
    }

    // ---- looks

    /** Goes by a linearizable read and nothing else: an own key that is gone never wins. */
    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        EtcdContender contender = contenders.get(ticket);
        if (contender == null) {
            return CompletableFuture.completedFuture(Seat.GONE);
        }
        return readLine(contender).thenApply(reply -> found(contender, reply)).whenComplete((seat, failure) -> {
            if (failure != null) { // or nobody would look before the next renewal
                options.runtime().scheduler().schedule(contender::look, LOOK_AGAIN_NANOS);
            }
        });
    }

    /** A contender's place in line and those before it, as every member of the cluster would have it now. */
    private CompletableFuture<TxnResponse> readLine(EtcdContender contender) {
        return send(new Transaction(
                "look at the line",
                List.of(),
                List.of(
                        Requests.look(contender.key().bytes()),
                        Requests.newest(contender.key().lineBytes(), contender.created() - 1, 1)),
                List.of()));
    }

    private Seat found(EtcdContender contender, TxnResponse reply) {
        GetResponse own = reply.getGetResponses().get(0);
        GetResponse before = reply.getGetResponses().get(1);
        if (!isAt(contender, own)) {
            forget(contender);
            return Seat.GONE;
        }
        if (before.getKvs().isEmpty()) {
            contender.standsAt(null);
            return Seat.holding(contender.created());
        }
        String next = LockKeys.text(before.getKvs().get(0).getKey());
        contender.standsAt(new Place(next, reply.getHeader().getRevision()));
        return Seat.waiting(contender.created(), 0);
    }

    /** Whether a read has found its very own key. */
    static boolean isAt(EtcdContender contender, GetResponse own) {
        return !own.getKvs().isEmpty() && own.getKvs().get(0).getCreateRevision() == contender.created();
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        EtcdContender contender = contenders.get(ticket);
        Place place = contender == null ? null : contender.place();
        if (contender == null || place == null) {
            return;
        }
        if (contender.watches(place)) {
            wakeUps.await(contender, place);
        } else {
            wakeUps.renewed(contender);
        }
    }

    @Override
    public void unwatch(Ticket ticket) {
        EtcdContender contender = contenders.get(ticket);
        if (contender != null) {
            unwatch(contender);
        }
    }

    private void unwatch(EtcdContender contender) {
        contender.watchesNothing();
        wakeUps.forget(contender);
    }

    /** Something happened before a contender in line, or may have. */
    void woken(EtcdContender contender) {
        events.woken(contender.ticket());
    }

    // ---- giving back

    @Override
    public CompletionStage<Boolean> release(Held held) {
        EtcdContender contender = contenders.get(held.ticket());
        return contender == null ? CompletableFuture.completedFuture(false) : remove(contender, held.token());
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        EtcdContender contender = contenders.get(ticket);
        return contender == null ? CompletableFuture.completedFuture(false) : remove(contender, token);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        EtcdContender contender = contenders.get(ticket);
        if (contender == null) {
            return CompletableFuture.completedFuture(false);
        }
        long created = contender.created();
        return created != 0
                ? remove(contender, created)
                : undo.undo(contender).thenApply(was -> {
                    forget(contender);
                    return was;
                });
    }

    private CompletableFuture<Boolean> remove(EtcdContender contender, long created) {
        return exit.remove(contender, created).thenApply(removed -> {
            forget(contender);
            return removed;
        });
    }

    /** It is not in etcd, and no request of it is on the way: its lane and its slot are free for others. */
    void forget(EtcdContender contender) {
        leaveLane(contender);
        unwatch(contender);
        if (contenders.remove(contender.ticket(), contender)) {
            slots.free(contender.key().line(), contender.key().slot());
        }
    }

    /** What its request has done to its lane is known. */
    void leaveLane(EtcdContender contender) {
        Lane left = contender.leaveLane();
        if (left != null) {
            lanes.giveBack(left);
        }
    }

    // ---- the session itself

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return renewals.renew(
                tickets.stream().map(contenders::get).filter(Objects::nonNull).toList());
    }

    void kept(long sentAt) {
        events.kept(sentAt);
    }

    /** What a failure means; a lease that is gone ends the session, too. */
    LockException gone(@Nullable Throwable failure, String what) {
        if (Failures.isLeaseGone(failure)) {
            lost("its lease has ended in etcd");
        }
        return failureOf(failure, what);
    }

    /** A contender's key is gone while the lease lives: deleted by force, or by a stranger. */
    void keyGone(EtcdContender contender) {
        if (!left.get()) {
            events.gone(contender.ticket(), contender.created(), "its key in etcd is gone");
        }
    }

    boolean hasLeft() {
        return left.get();
    }

    void lost(String why) {
        if (lost.compareAndSet(false, true) && !left.get()) {
            events.lost(why);
        }
    }

    @Override
    public CompletionStage<@Nullable Void> end() {
        leave();
        return line.requests().revoke(leaseId, options.runtime()).handle((done, failure) -> {
            if (failure != null && !Failures.isLeaseGone(failure)) {
                LockException why = failureOf(failure, CLOSE);
                // A member that does not serve it now is up: what asks for the end goes on asking (rule CL-1).
                throw Effect.ofCopies(failure) == Effect.NONE
                        ? why
                        : line.failures().undecided(why);
            }
            return null;
        });
    }

    @Override
    public void detach() {
        leave();
        wakeUps.leave();
    }

    /** From now on nothing more is sent for it; what may be left in etcd ends with its lease. */
    private void leave() {
        left.set(true);
        List.copyOf(contenders.values()).forEach(this::unwatch);
    }

    CompletableFuture<TxnResponse> send(Transaction transaction) {
        return send(transaction, line.requests());
    }

    /** Sends a transaction with limits of its own; an answer from data that went back ends the session (rule ME-9). */
    CompletableFuture<TxnResponse> send(Transaction transaction, Requests requests) {
        long known = data.revision(); // before it leaves: what is seen meanwhile may be newer than its answer
        return requests.send(transaction, options.runtime()).thenApply(reply -> {
            if (!data.goesOn(reply.getHeader(), known)) {
                lost("etcd's data went back in time, as from a backup, or are another cluster's");
                throw line.failures().unanswered(transaction.what(), "etcd's data went back in time");
            }
            return reply;
        });
    }

    @Override
    public String toString() {
        return id() + " (" + options.label() + ")";
    }
}
