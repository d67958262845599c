// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Sessions that are asked for something after their close, and answer as before or not at all. */
class Closed extends BrokenSession {
    private volatile boolean closed;

    private Closed(LockSession sound) {
        super(sound);
    }

    final boolean isClosed() {
        return closed;
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        return super.close();
    }

    /** Whatever answered releases has ended. */
    static LockSession answersNoRelease(LockSession sound) {
        return new Closed(sound) {
            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                return isClosed() ? new CompletableFuture<>() : super.release(grant);
            }
        };
    }

    /** What is held is known in the client, which forgets nothing at its end. */
    static LockSession holdsWhatItHeld(LockSession sound) {
        return new Closed(sound) {
            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                if (!isClosed()) {
                    return super.renew(contenders);
                }
                Map<Long, ContenderStatus> statuses = new HashMap<>();
                contenders.forEach(contender -> {
                    Grant grant = contender.granted().toCompletableFuture().getNow(null);
                    statuses.put(
                            contender.request().contenderId(),
                            grant == null ? ContenderStatus.WAITING : new ContenderStatus.Holding(grant));
                });
                return CompletableFuture.completedFuture(new Renewal(basis(), statuses));
            }
        };
    }
}
