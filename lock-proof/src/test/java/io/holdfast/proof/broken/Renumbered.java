// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A session that sends every contend under an id of its own, so that the store cannot tell a copy from a new one. */
class Renumbered extends BrokenSession {
    private final AtomicLong ids = new AtomicLong();

    Renumbered(LockSession sound) {
        super(sound);
    }

    /** A repeated contend takes a second place. */
    static LockSession everyCopyCounts(LockSession sound) {
        return new Renumbered(sound);
    }

    /** A repeated contend is known while its first is there; one that comes after the withdrawal takes a place. */
    static LockSession lateCopiesCount(LockSession sound) {
        return new Renumbered(sound) {
            private final Map<Long, Contender> known = new ConcurrentHashMap<>();

            @Override
            public Contender contend(LockRequest request) {
                return known.computeIfAbsent(request.contenderId(), id -> new BrokenContender(super.contend(request)) {
                    @Override
                    public CompletionStage<Void> withdraw() {
                        known.remove(id);
                        return super.withdraw();
                    }
                });
            }

            @Override
            Contender sent(Contender contender) {
                return super.sent(known.values().stream()
                        .filter(c -> c == contender)
                        .map(c -> ((BrokenContender) c).sound())
                        .findFirst()
                        .orElse(contender));
            }
        };
    }

    /** Sends a request under the next id. */
    final Contender send(LockRequest request) {
        Grant given = request.releasing();
        return super.contend(LockRequest.exclusive(
                request.name(),
                ids.incrementAndGet(),
                request.enqueue(),
                given == null ? null : (Grant) given.reference()));
    }

    @Override
    public Contender contend(LockRequest request) {
        return new Place(request);
    }

    /** What the sound session knows a contender as. */
    Contender sent(Contender contender) {
        return contender instanceof Place place ? place.sound : contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return super.release((Grant) grant.reference());
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
        Map<Long, Contender> asked = new HashMap<>();
        contenders.forEach(contender -> asked.put(sent(contender).request().contenderId(), contender));
        List<Contender> sent = contenders.stream().map(this::sent).toList();
        return super.renew(sent).thenApply(renewal -> {
            Map<Long, ContenderStatus> statuses = new HashMap<>();
            renewal.statuses().forEach((id, status) -> {
                Contender contender = asked.get(id);
                if (contender != null) {
                    statuses.put(contender.request().contenderId(), shown(contender.request(), status));
                }
            });
            return new Renewal(renewal.sentAt(), statuses);
        });
    }

    private static ContenderStatus shown(LockRequest request, ContenderStatus status) {
        return status instanceof ContenderStatus.Holding holding
                ? new ContenderStatus.Holding(shown(request, holding.grant()))
                : status;
    }

    private static Grant shown(LockRequest request, Grant grant) {
        return new Grant(grant.name(), request.contenderId(), grant.storeToken(), grant.basis(), grant);
    }

    /** A contender, and the one that stands for it in the store. */
    class Place implements Contender {
        private final LockRequest request;
        private final Contender first;
        private final CompletableFuture<Grant> granted = new CompletableFuture<>();
        private volatile Contender sound;

        Place(LockRequest request) {
            this.request = request;
            this.first = send(request);
            this.sound = first;
            hear(first);
        }

        private void hear(Contender contender) {
            contender.granted().thenAccept(grant -> {
                if (sound == contender) {
                    granted.complete(grant == null ? null : shown(request, grant));
                }
            });
        }

        boolean isWaiting() {
            return !granted.isDone();
        }

        /** Leaves its place and takes the last one. */
        void goToTheEnd() {
            Contender old = sound;
            Contender next = send(LockRequest.exclusive(request.name(), request.contenderId(), true, null));
            sound = next;
            old.withdraw();
            hear(next);
        }

        @Override
        public LockRequest request() {
            return request;
        }

        @Override
        public CompletionStage<Answer> answered() {
            return first.answered();
        }

        @Override
        public CompletionStage<Grant> granted() {
            return granted;
        }

        @Override
        public CompletionStage<Boolean> released() {
            return first.released();
        }

        @Override
        public CompletionStage<Void> withdraw() {
            granted.complete(null);
            return sound.withdraw();
        }
    }
}
