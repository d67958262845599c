// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One place in a line of a directory. What is not final belongs to the store's thread. */
final class FileContender implements Contender {
    final FileSession session;
    private final LockRequest request;
    private final long askedAt;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();

    /** The place or holder file; null before there is one and after it went. */
    @Nullable
    Path file;

    @Nullable
    Grant grant;

    /** Whether somebody rang. */
    boolean due;

    long lookedAt;
    int before;

    FileContender(FileSession session, LockRequest request, long askedAt) {
        this.session = session;
        this.request = request;
        this.askedAt = askedAt;
        if (request.releasing() == null) {
            released.complete(true);
        }
    }

    void gaveUp(boolean wasThere) {
        released.complete(wasThere);
    }

    void took(LockDirectory.Turn turn) {
        file = turn.file();
        before = turn.before();
        if (turn.holds()) {
            grant = new Grant(request.name(), request.contenderId(), turn.token(), askedAt, turn.file());
            answered.complete(Answer.GRANTED); // no effect on one that waited: it was answered then
            granted.complete(grant);
        } else if (turn.file() != null) {
            answered.complete(Answer.WAITING);
        } else {
            answered.complete(Answer.BUSY);
            granted.complete(null);
        }
    }

    /** Nothing of it is in the directory, for this reason. */
    void failed(LockException why) {
        released.completeExceptionally(why);
        answered.completeExceptionally(why);
        granted.complete(null);
    }

    /** The contender is not in the directory any more. */
    void ended() {
        file = null;
        granted.complete(null);
    }

    ContenderStatus status() {
        if (file == null) {
            return answered.isDone() ? ContenderStatus.GONE : ContenderStatus.UNKNOWN;
        }
        return grant == null ? ContenderStatus.WAITING : new ContenderStatus.Holding(grant);
    }

    @Override
    public LockRequest request() {
        return request;
    }

    @Override
    public CompletionStage<Answer> answered() {
        return answered;
    }

    @Override
    public CompletionStage<@Nullable Grant> granted() {
        return granted;
    }

    @Override
    public CompletionStage<Boolean> released() {
        return released;
    }

    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        granted.complete(null); // first: a grant that comes from now on is not delivered (rule WA-5)
        return session.withdraw(this);
    }
}
