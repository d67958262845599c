// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Tokens that are no fencing tokens; everywhere the store shows the same wrong one. */
abstract class TokenFault implements Fault {
    /** By the store's true token, which is unique. */
    private final Map<Long, Long> shown = new ConcurrentHashMap<>();

    /**
     * The wrong token of a grant; asked once a grant.
     *
     * @param ofClient a counter of the client that has it
     */
    abstract long token(Grant grant, AtomicLong ofClient);

    /** A request is made. */
    void asked(LockRequest request, AtomicLong ofClient) {}

    /** A request is on its way. */
    void sent() {}

    /** A grant has been released, and this is how its name looks now. */
    void released(StoredLock now) {}

    /** A counter that is gone with the lock's entry, and begins at 1 again; as does ZooKeeper's sequence with its parent. */
    static final class RestartsWhenFree extends TokenFault {
        private final Map<String, Long> counters = new ConcurrentHashMap<>();

        @Override
        long token(Grant grant, AtomicLong ofClient) {
            return counters.merge(grant.name(), 1L, Long::sum);
        }

        @Override
        void released(StoredLock now) {
            if (now.contenders() == 0) {
                counters.remove(now.name());
            }
        }
    }

    /** All grants have one token. */
    static final class Constant extends TokenFault {
        @Override
        long token(Grant grant, AtomicLong ofClient) {
            return 1;
        }
    }

    /** Each client counts for itself. */
    static final class PerClient extends TokenFault {
        @Override
        long token(Grant grant, AtomicLong ofClient) {
            return ofClient.incrementAndGet();
        }
    }

    /** The token crosses a script as a number's text, with 14 digits: grants near each other have the same one. */
    static final class AsText extends TokenFault {
        private static final double MICROSECONDS_NOW = 1.795_353_349e15;

        @Override
        long token(Grant grant, AtomicLong ofClient) {
            String text = String.format(Locale.ROOT, "%.13e", MICROSECONDS_NOW + grant.storeToken());
            return (long) Double.parseDouble(text);
        }
    }

    /** A token is drawn with the request, before the lock is taken: two requests may overtake each other in between. */
    static final class DrawnBeforeTheLock extends TokenFault {
        private static final int LONGEST_WAY_NANOS = 4_000_000;

        private final AtomicLong counter = new AtomicLong();

        /** By session and contender. */
        private final Map<String, Long> drawn = new ConcurrentHashMap<>();

        @Override
        long token(Grant grant, AtomicLong ofClient) {
            return drawn.getOrDefault(key(ofClient, grant.contenderId()), 0L);
        }

        @Override
        void asked(LockRequest request, AtomicLong ofClient) {
            drawn.put(key(ofClient, request.contenderId()), counter.incrementAndGet());
        }

        @Override
        void sent() {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(LONGEST_WAY_NANOS));
        }

        private static String key(AtomicLong ofClient, long contender) {
            return System.identityHashCode(ofClient) + "/" + contender;
        }
    }

    private Grant wrong(Grant grant, AtomicLong ofClient) {
        if (grant == null) {
            return null;
        }
        long token = shown.computeIfAbsent(grant.storeToken(), t -> token(grant, ofClient));
        return new Grant(grant.name(), grant.contenderId(), token, grant.basis(), grant);
    }

    private static Grant right(Grant wrong) {
        return wrong == null ? null : (Grant) wrong.reference();
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new Backend(sound);
    }

    private final class Backend extends BrokenBackend {
        private final LockBackend sound;
        private final AtomicLong ofClient = new AtomicLong();

        Backend(LockBackend sound) {
            super(sound);
            this.sound = sound;
        }

        @Override
        LockSession broken(LockSession session, SessionOptions options) {
            return new Session(session, sound, ofClient);
        }

        private StoredLock wrongly(StoredLock lock) {
            long token = shown.getOrDefault(lock.storeToken(), lock.storeToken());
            return new StoredLock(lock.name(), token, lock.holder(), lock.sinceMillis(), lock.contenders());
        }

        @Override
        public CompletionStage<StoredLock> inspect(String name) {
            return sound.inspect(name).thenApply(this::wrongly);
        }

        @Override
        public CompletionStage<List<StoredLock>> list() {
            return sound.list()
                    .thenApply(locks -> locks.stream().map(this::wrongly).toList());
        }

        @Override
        public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong token) {
            return sound.inspect(name).thenCompose(lock -> {
                boolean meant =
                        token.isPresent() && token.getAsLong() == wrongly(lock).storeToken();
                return sound.forceRelease(name, meant ? OptionalLong.of(lock.storeToken()) : token);
            });
        }
    }

    private final class Session extends BrokenSession {
        private final LockBackend backend;
        private final AtomicLong ofClient;

        Session(LockSession sound, LockBackend backend, AtomicLong ofClient) {
            super(sound);
            this.backend = backend;
            this.ofClient = ofClient;
        }

        @Override
        public Contender contend(LockRequest request) {
            asked(request, ofClient);
            sent();
            Contender contender = super.contend(LockRequest.exclusive(
                    request.name(), request.contenderId(), request.enqueue(), right(request.releasing())));
            return new BrokenContender(contender) {
                @Override
                public CompletionStage<Grant> granted() {
                    return super.granted().thenApply(grant -> wrong(grant, ofClient));
                }
            };
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            return super.release(right(grant)).thenCombine(backend.inspect(grant.name()), (gone, now) -> {
                TokenFault.this.released(now);
                return gone;
            });
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            return super.renew(contenders).thenApply(renewal -> {
                Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                statuses.replaceAll((id, status) -> status instanceof ContenderStatus.Holding holding
                        ? new ContenderStatus.Holding(wrong(holding.grant(), ofClient))
                        : status);
                return new Renewal(renewal.sentAt(), statuses);
            });
        }
    }
}
