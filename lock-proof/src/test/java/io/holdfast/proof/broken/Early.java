// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** What is answered when it has been sent, and done some time after that; and what is done too early to be seen. */
final class Early {
    private static final Executor LATER = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);
    private static final long JUST_NOW_NANOS = 5_000_000;

    private Early() {}

    /** The end of a session is sent, and not waited for. */
    static LockSession endIsConfirmed(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Void> close() {
                LATER.execute(super::close);
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /** A release is sent, and not waited for. */
    static LockSession releaseIsConfirmed(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                LATER.execute(() -> super.release(grant));
                return CompletableFuture.completedFuture(true);
            }
        };
    }

    /** A forced release looks whom it takes the lock from, and does not wait until it has. */
    static LockBackend forcedReleaseIsConfirmed(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                return sound.inspect(name).thenCompose(seen -> {
                    boolean taken =
                            seen.isHeld() && (storeToken.isEmpty() || storeToken.getAsLong() == seen.storeToken());
                    if (!taken) {
                        return sound.forceRelease(name, storeToken);
                    }
                    LATER.execute(() -> sound.forceRelease(name, OptionalLong.of(seen.storeToken())));
                    return CompletableFuture.completedFuture(ForceOutcome.RELEASED);
                });
            }
        };
    }

    /** Who leaves gives up a place, and does not look whether it has just become the holder's. */
    static LockSession turnIsOverlooked(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                return new Overlooking(super.contend(request));
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                List<Contender> all = contenders.stream()
                        .map(each -> each instanceof Overlooking wrapped ? wrapped.sound() : each)
                        .toList();
                return super.renew(all);
            }
        };
    }

    private static final class Overlooking extends BrokenContender {
        private final boolean waits;
        private volatile long grantedAt;
        private volatile boolean granted;

        Overlooking(Contender sound) {
            super(sound);
            waits = !sound.granted().toCompletableFuture().isDone();
            sound.granted().thenAccept(grant -> {
                grantedAt = System.nanoTime();
                granted = grant != null;
            });
        }

        @Override
        public CompletionStage<Void> withdraw() {
            boolean justNow = waits && granted && System.nanoTime() - grantedAt < JUST_NOW_NANOS;
            return justNow ? CompletableFuture.completedFuture(null) : super.withdraw();
        }
    }
}
