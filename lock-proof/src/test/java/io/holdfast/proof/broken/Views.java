// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Secret;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** What a backend shows of its store, and does there for administrators, done wrong. */
final class Views {
    private Views() {}

    /** A list is made of the locks' own entries, in which nothing stands of who waits. */
    static LockBackend listHoldersAlone(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<List<StoredLock>> list() {
                return super.list().thenApply(all -> all.stream()
                        .map(lock ->
                                new StoredLock(lock.name(), lock.storeToken(), lock.holder(), lock.sinceMillis(), 1))
                        .toList());
            }
        };
    }

    /** A forced release asks for nobody's token. */
    static LockBackend forceWhateverTheToken(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                return super.forceRelease(name, OptionalLong.empty());
            }
        };
    }

    /** A list ends with the first page of the store's answer. */
    static LockBackend listTheFirstPage(LockBackend sound) {
        int page = 10;
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<List<StoredLock>> list() {
                return super.list()
                        .thenApply(locks -> locks.stream().limit(page).toList());
            }
        };
    }

    /** A look shows the last grant until it is released, and nobody looks whether its lease is over. */
    static final class ShowTheDead implements Fault {
        private final Map<String, StoredLock> last = new ConcurrentHashMap<>();

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                LockSession broken(LockSession session, SessionOptions options) {
                    return new BrokenSession(session) {
                        @Override
                        public Contender contend(LockRequest request) {
                            Contender contender = super.contend(request);
                            contender.granted().thenAccept(grant -> {
                                if (grant != null) {
                                    last.put(
                                            request.name(),
                                            new StoredLock(request.name(), grant.storeToken(), options.label(), 0, 1));
                                }
                            });
                            return contender;
                        }

                        @Override
                        public CompletionStage<Boolean> release(Grant grant) {
                            last.remove(grant.name());
                            return super.release(grant);
                        }

                        @Override
                        public CompletionStage<Void> close() {
                            last.values().removeIf(lock -> options.label().equals(lock.holder()));
                            return super.close();
                        }
                    };
                }

                @Override
                public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                    return super.forceRelease(name, storeToken).thenApply(outcome -> {
                        if (outcome == ForceOutcome.RELEASED) {
                            last.remove(name);
                        }
                        return outcome;
                    });
                }

                @Override
                public CompletionStage<StoredLock> inspect(String name) {
                    return super.inspect(name)
                            .thenApply(lock ->
                                    lock.isHeld() || lock.contenders() > 0 ? lock : last.getOrDefault(name, lock));
                }
            };
        }
    }

    /** The address is shown as it was given, with the password. */
    static final class ShowThePassword implements Fault {
        @Override
        public LockBackend on(LockBackend sound) {
            return sound;
        }

        @Override
        public LockBackend open(LockConfig config, Link link) {
            String password =
                    BackendConfig.of(config).password().map(Secret::reveal).orElse("");
            return new BrokenBackend(link.to(Fault.sound(config))) {
                @Override
                public String store() {
                    return super.store() + "?password=" + password;
                }
            };
        }
    }
}
