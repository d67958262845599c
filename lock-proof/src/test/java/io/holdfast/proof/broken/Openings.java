// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockDeniedException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Sessions whose opening is given up after a second without an answer, and what is wrong then. */
final class Openings {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(1);

    private Openings() {}

    /** The stage of the connection is kept, failed as it is. */
    static LockBackend rememberTheirFailure(LockBackend sound) {
        AtomicReference<CompletableFuture<LockSession>> failed = new AtomicReference<>();
        return new Limited(sound) {
            @Override
            CompletionStage<LockSession> limited(CompletableFuture<LockSession> opening) {
                opening.whenComplete((session, failure) -> {
                    if (failure != null) {
                        failed.set(opening);
                    }
                });
                return failed.get() == null ? opening : failed.get();
            }

            @Override
            RuntimeException tooLate() {
                return new LockUnavailableException("store " + store() + ", open: no answer; check that it runs");
            }
        };
    }

    /** Whatever goes wrong at open is called a refusal. */
    static LockBackend takeSilenceForARefusal(LockBackend sound) {
        return new Limited(sound) {
            @Override
            RuntimeException tooLate() {
                return new LockDeniedException("store " + store() + ", open: refused; check user and password");
            }
        };
    }

    private abstract static class Limited extends BrokenBackend {
        Limited(LockBackend sound) {
            super(sound);
        }

        abstract RuntimeException tooLate();

        CompletionStage<LockSession> limited(CompletableFuture<LockSession> opening) {
            return opening;
        }

        @Override
        public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
            CompletableFuture<LockSession> opening = new CompletableFuture<>();
            CompletionStage<LockSession> told = limited(opening);
            if (told != opening) {
                return told;
            }
            options.runtime().scheduler().schedule(() -> opening.completeExceptionally(tooLate()), LIMIT);
            super.openSession(options, events).whenComplete((session, failure) -> {
                if (failure != null) {
                    opening.completeExceptionally(failure);
                } else if (!opening.complete(session)) {
                    session.close();
                }
            });
            return opening;
        }
    }
}
