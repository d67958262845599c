// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.LockException;
import io.holdfast.LockNames;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One place in a store's line, from its request to the end of its grant: the one life that the contenders of all lines have. Here is what
 * the engine asks of it; what the store says of it is kept by {@link Whereabouts}. Its stages complete under no lock, and the store is
 * asked under none (rule SP-2).
 */
final class ContenderLife extends StagedContender {
    private final SessionLife session;
    private final Ticket ticket;

    /** Completes when nobody wants the answer to its request any more. */
    private final CompletableFuture<@Nullable Void> unwanted = new CompletableFuture<>();

    private final Whereabouts where;

    /** Guarded by this. */
    private @Nullable Withdrawal removal;

    ContenderLife(SessionLife session, LockRequest request) {
        super(request);
        this.session = session;
        this.ticket = new Ticket(request.name(), request.contenderId());
        this.where = new Whereabouts(session, ticket, granted, () -> session.forget(this));
    }

    /** What the store says of it. */
    Whereabouts where() {
        return where;
    }

    Ticket ticket() {
        return ticket;
    }

    // ---- its request

    @Override
    public void start() {
        long sentAt = session.now();
        if (!where.begins(sentAt)) {
            return;
        }
        if (where.isOver()) {
            notSent("its session is closed");
            return;
        }
        Grant given = request().releasing();
        session.<Entry>asked(() -> session.line()
                        .enter(
                                ticket,
                                request().enqueue(),
                                given == null ? null : SessionLife.heldBy(given),
                                unwanted.minimalCompletionStage()))
                .whenComplete((entry, failure) -> {
                    if (failure == null) {
                        entered(entry, given, sentAt);
                    } else {
                        LockException why = session.translated(failure);
                        failed(why, !(why instanceof LockUnavailableException));
                    }
                });
    }

    private void entered(Entry entry, @Nullable Grant given, long sentAt) {
        try {
            LockException failure = entry.failure();
            if (failure != null) {
                failed(failure, entry.isUndecided());
                return;
            }
            if (given != null) {
                session.over(given);
            }
            where.arrived(entry.seat(), sentAt);
            answered.complete(
                    switch (entry.seat().standing()) {
                        case HOLDING -> Answer.GRANTED;
                        case WAITING -> Answer.WAITING;
                        case GONE -> Answer.BUSY;
                    });
            released.complete(entry.released());
        } catch (RuntimeException malformed) { // null, or a token that is none
            failed(session.translated(malformed), true);
        }
    }

    /** @param undecided whether something of the request may be in the store, now or later */
    private void failed(LockException why, boolean undecided) {
        where.unanswered(undecided);
        fail(why);
    }

    private void notSent(String why) {
        session.forget(this);
        fail(new LockUnavailableException(
                "lock '" + LockNames.printable(request().name()) + "' in " + session.store()
                        + ": the request was not sent, because " + why));
    }

    private void fail(LockException why) {
        answered.completeExceptionally(why);
        released.completeExceptionally(why);
        granted.complete(null);
    }

    /** Its session ends in this process: what waits gets nothing any more. What was sent still has its answer, or does without. */
    void leaveSession() {
        unwanted.complete(null);
        where.endWait();
    }

    // ---- its withdrawal

    /** Marks at once, removes after the answer. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        boolean unsent = where.giveUp();
        granted.complete(null); // first: a grant that comes from now on is not delivered
        unwanted.complete(null);
        if (unsent) {
            notSent("it was withdrawn before");
        }
        session.line().unwatch(ticket);
        return removal().run();
    }

    private synchronized Withdrawal removal() {
        Withdrawal known = removal;
        if (known == null) {
            known = new Withdrawal(this::remove);
            removal = known;
        }
        return known;
    }

    private CompletionStage<?> remove() {
        return answered.handle((answer, failure) -> null) // so that it never overtakes its own request
                .thenCompose(done -> session.asked(where::leave))
                .thenRun(where::over);
    }

    @Override
    public String toString() {
        return request() + " in " + session;
    }
}
