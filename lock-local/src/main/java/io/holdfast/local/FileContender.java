// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockException;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One place in a line of a directory. What is not final belongs to the store's thread. */
final class FileContender extends StagedContender {
    final FileSession session;
    private final long askedAt;

    /** The place or holder file; null before there is one and after it went. */
    @Nullable
    Path file;

    @Nullable
    Grant grant;

    /** Whether somebody rang. */
    boolean due;

    /** Whether a step failed that may have left something, or have renamed {@link #file}: look by name, not by file. */
    boolean unsure;

    long lookedAt;
    int before;

    FileContender(FileSession session, LockRequest request, long askedAt) {
        super(request);
        this.session = session;
        this.askedAt = askedAt;
    }

    void gaveUp(boolean wasThere) {
        released.complete(wasThere);
    }

    void took(Turn turn) {
        file = turn.file();
        before = turn.before();
        if (turn.holds()) {
            grant = new Grant(request().name(), request().contenderId(), turn.token(), askedAt, turn.file());
            answered.complete(Answer.GRANTED); // no effect on one that waited: it was answered then
            granted.complete(grant);
        } else if (turn.file() != null) {
            answered.complete(Answer.WAITING);
        } else {
            answered.complete(Answer.BUSY);
            granted.complete(null);
        }
        unsure = false;
    }

    /** The engine withdraws it (see {@link io.holdfast.spi.Contender#answered}), which removes what is in the directory. */
    void failed(LockException why) {
        released.completeExceptionally(why);
        answered.completeExceptionally(why);
        granted.complete(null);
    }

    /** The contender is not in the directory any more. */
    void ended() {
        unsure = false;
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
    public CompletionStage<@Nullable Void> withdraw() {
        granted.complete(null); // first: a grant that comes from now on is not delivered (rule WA-5)
        return session.withdraw(this);
    }
}
