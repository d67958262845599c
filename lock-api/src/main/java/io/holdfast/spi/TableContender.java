// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.LockException;
import io.holdfast.LockNames;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to take a row. A table has no line, so it is granted, busy or failed, and the engine makes another one later.
 *
 * <p>{@code step} says where the request is, under this object's monitor; the table is never called and no stage completed while
 * it is held (rule SP-2).
 */
final class TableContender extends StagedContender {
    private enum Step {
        /** Not sent. */
        PREPARED,
        /** On its way: only the sending thread may undo, so that an undo never overtakes its own request. */
        SENT,
        /** Granted, or failed with an unknown outcome: there may be a row. */
        ROW,
        /** No row, and there never will be one. */
        NO_ROW
    }

    private final TableSession session;
    private final LockTable table;
    private final SessionOptions options;
    private final String holderId;

    /** Of a withdrawal that came while the request was on its way. */
    private final CompletableFuture<@Nullable Void> undone = new CompletableFuture<>();

    private Step step = Step.PREPARED;
    private boolean withdrawn;
    private @Nullable Grant grant;

    /** What became of the request; at most one of grant and failure. */
    private record Outcome(Step step, @Nullable Grant grant, @Nullable LockException failure) {}

    TableContender(TableSession session, LockTable table, SessionOptions options, LockRequest request) {
        super(request);
        this.session = session;
        this.table = table;
        this.options = options;
        this.holderId = session.holderId(request.contenderId());
    }

    @Override
    public void start() {
        synchronized (this) {
            if (step != Step.PREPARED) {
                return;
            }
            step = Step.SENT;
        }
        if (session.isClosed()) {
            conclude(notSent("its session is closed"));
        } else if (releaseGivenUp()) {
            conclude(send());
        } else {
            conclude(notSent("the grant to be given up first could not be released"));
        }
    }

    /** False when it failed: the store is in trouble, and a second request would only double the wait. */
    private boolean releaseGivenUp() {
        Grant givenUp = request().releasing();
        if (givenUp != null) {
            releasedBy(session.release(givenUp));
        }
        return !released.isCompletedExceptionally();
    }

    private Outcome send() {
        long sentAt = options.runtime().clock().nanoTime();
        try {
            OptionalLong token = table.tryAcquire(request().name(), holderId, options.label(), options.lease());
            return token.isPresent()
                    ? new Outcome(Step.ROW, grant(token.getAsLong(), sentAt), null)
                    : new Outcome(Step.NO_ROW, null, null);
        } catch (RuntimeException | Error thrown) {
            LockException failure = TableBackend.translated(table, thrown);
            Step left = failure instanceof LockOutcomeUnknownException ? Step.ROW : Step.NO_ROW;
            return new Outcome(left, null, failure);
        }
    }

    private Grant grant(long token, long basis) {
        return new Grant(request().name(), request().contenderId(), token, basis, holderId);
    }

    private Outcome notSent(String why) {
        return new Outcome(
                Step.NO_ROW,
                null,
                new LockUnavailableException(
                        "lock '" + LockNames.printable(request().name()) + "' in " + table.store()
                                + ": the request was not sent, because " + why));
    }

    private void conclude(Outcome outcome) {
        boolean unwanted;
        synchronized (this) {
            step = outcome.step();
            grant = outcome.grant();
            unwanted = withdrawn;
        }
        if (outcome.step() == Step.NO_ROW) {
            session.forget(request().contenderId());
            undone.complete(null);
        } else if (unwanted) {
            // A grant that raced its withdrawal is released, never delivered (rule WA-5).
            remove().whenComplete((nothing, failure) -> {
                if (failure == null) {
                    undone.complete(null);
                } else {
                    undone.completeExceptionally(failure);
                }
            });
        }
        tell(outcome, unwanted);
    }

    private void tell(Outcome outcome, boolean unwanted) {
        Grant won = unwanted ? null : outcome.grant();
        if (outcome.failure() == null) {
            answered.complete(won == null ? Answer.BUSY : Answer.GRANTED);
        } else {
            answered.completeExceptionally(outcome.failure());
            released.completeExceptionally(outcome.failure());
        }
        granted.complete(won);
    }

    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        Step was;
        synchronized (this) {
            withdrawn = true;
            was = step;
            if (was == Step.PREPARED) {
                step = Step.NO_ROW;
            }
        }
        if (was == Step.PREPARED) {
            conclude(notSent("it was withdrawn before"));
        }
        return switch (was) {
            case PREPARED, NO_ROW -> CompletableFuture.completedFuture(null);
            case SENT -> undone.copy();
            case ROW -> remove();
        };
    }

    /** The table sees to it that a late copy of the request takes nothing either (rule UO-2). */
    private CompletionStage<@Nullable Void> remove() {
        return TableBackend.asked(table, () -> {
            table.release(request().name(), holderId);
            gone();
            return null;
        });
    }

    String holderId() {
        return holderId;
    }

    /** Its grant is on its way back: a renewal would meet its row while it changes, and keep it for nobody when the release fails. */
    synchronized void givesBack() {
        grant = null;
    }

    /** The grant to be renewed; null when there is none, or it was given up meanwhile. */
    synchronized @Nullable Grant held() {
        return step == Step.ROW && !withdrawn ? grant : null;
    }

    /** What a renewal sent at some time says of this one, when it said whether the row is still there. */
    ContenderStatus renewed(Grant held, long sentAt, @Nullable Boolean kept) {
        if (kept == null) {
            return ContenderStatus.UNKNOWN;
        } else if (kept) {
            return new ContenderStatus.Holding(grant(held.storeToken(), sentAt));
        }
        gone();
        return ContenderStatus.GONE;
    }

    private void gone() {
        synchronized (this) {
            step = Step.NO_ROW;
        }
        session.forget(request().contenderId());
    }
}
