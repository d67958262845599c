// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** News of a release is matched by its beginning, and taken for the grant: a release of "ab" wakes who waits for "a". */
final class WokenByOthers implements Fault {
    private final Map<Woken, Boolean> waiting = new ConcurrentHashMap<>();

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public Contender contend(LockRequest request) {
                        Woken contender = new Woken(super.contend(request), session);
                        if (request.enqueue()) {
                            waiting.put(contender, true);
                        }
                        return contender;
                    }

                    @Override
                    public CompletionStage<Boolean> release(Grant grant) {
                        return super.release(grant).thenApply(gone -> {
                            waiting.keySet().forEach(contender -> contender.hear(grant));
                            return gone;
                        });
                    }
                };
            }
        };
    }

    private final class Woken extends BrokenContender {
        private final LockSession session;
        private final CompletableFuture<Grant> granted = new CompletableFuture<>();

        Woken(Contender sound, LockSession session) {
            super(sound);
            this.session = session;
            sound.granted().whenComplete((grant, failure) -> {
                waiting.remove(this);
                if (failure == null) {
                    granted.complete(grant);
                } else {
                    granted.completeExceptionally(failure);
                }
            });
        }

        void hear(Grant released) {
            String name = request().name();
            boolean similar =
                    released.name().startsWith(name) && !released.name().equals(name);
            if (similar && waiting.remove(this) != null) {
                granted.complete(new Grant(
                        name,
                        request().contenderId(),
                        released.storeToken() + 1,
                        session.basis(),
                        released.reference()));
            }
        }

        @Override
        public CompletionStage<Grant> granted() {
            return granted;
        }
    }
}
