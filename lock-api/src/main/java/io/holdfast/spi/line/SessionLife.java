// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.internal.backend.OpenSessions;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.LineSession.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client's session over a line: its contenders by id, and its basis. The one life that the sessions of all lines have. */
final class SessionLife implements LockSession, LineEvents {
    private final String store;
    private final boolean leasePerGrant;
    private final SessionOptions options;
    private final SessionEvents events;
    private final OpenSessions<SessionLife> open;
    /** Contenders that are not surely without a place. */
    private final Map<Long, ContenderLife> contenders = new ConcurrentHashMap<>();

    private final AtomicLong basis = new AtomicLong();
    private final AtomicBoolean detached = new AtomicBoolean();
    private volatile boolean closed;
    private volatile @Nullable LineSession line;

    SessionLife(LockLine line, SessionOptions options, SessionEvents events, OpenSessions<SessionLife> open) {
        this.store = line.store();
        this.leasePerGrant = line.capabilities().scope() == LeaseScope.GRANT;
        this.options = options;
        this.events = events;
        this.open = open;
    }

    /** Before this, the engine does not know it. */
    SessionLife opened(LineSession answered) {
        line = answered;
        basis.set(answered.openedAt());
        return open.add(this);
    }

    LineSession line() {
        return Objects.requireNonNull(line, "the session is not open yet");
    }

    String store() {
        return store;
    }

    long now() {
        return options.runtime().clock().nanoTime();
    }

    /** What a grant's lease is counted from: the contender's own request, or the session's. */
    long basisOf(long own) {
        return leasePerGrant ? own : basis();
    }

    @Override
    public String id() {
        return line().id();
    }

    @Override
    public Duration lease() {
        return line().lease();
    }

    @Override
    public long basis() {
        return basis.get();
    }

    // ---- what the engine asks

    @Override
    public Contender contend(LockRequest request) {
        ContenderLife contender = new ContenderLife(this, request);
        contenders.put(request.contenderId(), contender);
        return contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return asked(() -> line().release(heldBy(grant))).thenApply(was -> {
            over(grant);
            return was;
        });
    }

    static Held heldBy(Grant grant) {
        return new Held(new Ticket(grant.name(), grant.contenderId()), grant.storeToken());
    }

    /** The store has confirmed that a grant is gone. */
    void over(Grant grant) {
        ContenderLife contender = contenders.get(grant.contenderId());
        if (contender != null) {
            contender.where().over();
        }
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        List<Ticket> named = new ArrayList<>(asked.size());
        for (Contender contender : asked) {
            if (contender instanceof ContenderLife one && one.where().hasSeat()) {
                named.add(one.ticket());
            }
        }
        // Before it leaves, whatever the line does first (rule ME-2).
        long sentAt = now();
        return asked(() -> line().renew(named)).thenApply(seats -> {
            Map<Long, ContenderStatus> statuses = statuses(seats, sentAt);
            // With a lease per grant an entry would pass for the store's answer, and nobody may have asked for one.
            if (!leasePerGrant) {
                sayGone(asked, statuses);
            }
            return new Renewal(sentAt, statuses);
        });
    }

    /** What the line has told of meanwhile: who asked before must not take them for kept. */
    private static void sayGone(Collection<Contender> asked, Map<Long, ContenderStatus> statuses) {
        for (Contender contender : asked) {
            if (contender instanceof ContenderLife one && one.where().isGone()) {
                statuses.put(one.request().contenderId(), ContenderStatus.GONE);
            }
        }
    }

    /** One that cannot be read tells nothing of the others, and alone it fails the round. */
    private Map<Long, ContenderStatus> statuses(Map<Ticket, Seat> seats, long sentAt) {
        Map<Long, ContenderStatus> statuses = new HashMap<>();
        RuntimeException unread = null;
        for (Map.Entry<Ticket, Seat> one : seats.entrySet()) {
            ContenderLife contender = contenders.get(one.getKey().contenderId());
            try {
                ContenderStatus status = contender == null
                        ? ContenderStatus.GONE
                        : contender.where().seen(one.getValue(), sentAt);
                if (status != null) {
                    statuses.put(one.getKey().contenderId(), status);
                }
            } catch (RuntimeException malformed) { // a token out of range
                unread = malformed;
            }
        }
        if (unread != null && statuses.isEmpty()) {
            throw translated(unread);
        }
        return statuses;
    }

    /** With a lease per grant there is nothing else to end. The engine may ask again, for which no messages are needed. */
    @Override
    public CompletionStage<@Nullable Void> close() {
        leave();
        CompletableFuture<?> ended = leasePerGrant
                ? CompletableFuture.allOf(contenders.values().stream()
                        .map(contender -> contender.withdraw().toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new))
                : asked(() -> line().end()).thenRun(this::allOver);
        return ended.whenComplete((done, failure) -> detach()).thenApply(done -> null);
    }

    /** Set before the contenders are walked: one that is started, or answered, later sees it. */
    private void leave() {
        closed = true;
        List.copyOf(contenders.values()).forEach(ContenderLife::leaveSession);
    }

    boolean isClosed() {
        return closed;
    }

    /** The backend is closed under it. Its holds end before anything is freed (rule ME-6); then the engine closes it. */
    void abandon() {
        events.sessionLost("the backend was closed");
        leave();
        detach();
    }

    private void detach() {
        if (detached.compareAndSet(false, true)) {
            open.forget(this);
            line().detach();
        }
    }

    private void allOver() {
        List.copyOf(contenders.values()).forEach(contender -> contender.where().over());
    }

    void forget(ContenderLife contender) {
        contenders.remove(contender.request().contenderId(), contender);
    }

    // ---- what the line tells

    @Override
    public boolean woken(Ticket ticket) {
        ContenderLife contender = find(ticket);
        if (contender != null) {
            contender.where().woken();
        }
        return contender != null;
    }

    @Override
    public boolean granted(Ticket ticket, long token) {
        ContenderLife contender = find(ticket);
        if (contender != null) {
            contender.where().told(token);
        }
        return contender != null;
    }

    @Override
    public void gone(Ticket ticket, long token, String why) {
        ContenderLife contender = find(ticket);
        if (contender != null) {
            contender.where().removed(token, why);
        }
    }

    private @Nullable ContenderLife find(Ticket ticket) {
        ContenderLife contender = contenders.get(ticket.contenderId());
        return contender != null && contender.request().name().equals(ticket.name()) ? contender : null;
    }

    void grantLost(Grant grant, String why) {
        events.grantLost(grant, why);
    }

    /** Two in flight may be answered in the other order: a basis never moves back. */
    @Override
    public void kept(long sentAt) {
        basis.accumulateAndGet(sentAt, (known, sent) -> sent - known > 0 ? sent : known);
    }

    @Override
    public void suspect(String why) {
        events.sessionSuspect(why);
    }

    @Override
    public void lost(String why) {
        events.sessionLost(why);
        allOver();
    }

    // ---- failures

    /** The stage completes whatever the line throws (rule SP-3), and fails with our exceptions only (rule ER-2). */
    <T> CompletableFuture<T> asked(Supplier<? extends CompletionStage<? extends T>> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            request.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(translated(failure));
                }
            });
        } catch (RuntimeException | Error failure) {
            answer.completeExceptionally(translated(failure));
        }
        return answer;
    }

    LockException translated(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof LockException ours
                ? ours
                : new LockOutcomeUnknownException(
                        "store " + store + ": its line failed unexpectedly, so the request may have taken effect: "
                                + cause,
                        cause);
    }

    @Override
    public String toString() {
        LineSession opened = line;
        return (opened == null ? "not open yet" : opened.id()) + " (" + options.label() + ")";
    }
}
