// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What holds of every session, whatever a test does with it: its basis never goes back and is never ahead of its clock, a grant is that
 * of the request that won it, a try does not queue, and only what was granted is told as lost.
 *
 * <p>It is looked at in passing, at each call and answer, and judged when the test ends. Thread-safe.
 */
final class Watch {
    /** More is not remembered of a session: what it says of older requests is not judged. */
    private static final int REMEMBERED = 2_000;

    private final Queue<RuleFailure> seen = new ConcurrentLinkedQueue<>();
    private final Queue<Session> sessions = new ConcurrentLinkedQueue<>();

    /** What was seen wrong until now, the first one first. */
    List<RuleFailure> broken() {
        sessions.forEach(Session::judgeLosses);
        return List.copyOf(seen);
    }

    Session session(LeaseScope scope, LockClock clock) {
        Session begun = new Session(scope, clock);
        sessions.add(begun);
        return begun;
    }

    private void found(String rule, String what) {
        seen.add(new RuleFailure(RuleBook.spec().rule(rule), what, null));
    }

    /** Of one session. Thread-safe. */
    final class Session {
        private final LeaseScope scope;
        private final LockClock clock;
        private final AtomicLong newestBasis = new AtomicLong(Long.MIN_VALUE);

        /** By contender id; guarded by this. */
        private final Map<Long, Asked> asked = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, Asked> eldest) {
                return size() > REMEMBERED;
            }
        };

        /** Guarded by this. */
        private final List<Told> losses = new ArrayList<>();

        private Session(LeaseScope scope, LockClock clock) {
            this.scope = scope;
            this.clock = clock;
        }

        /** The basis, which another thread may ask for at the same time: what it was when asking began is what it must not fall below. */
        long basis(LockSession session) {
            long before = newestBasis.get();
            long basis = session.basis();
            if (scope != LeaseScope.SESSION) { // it says nothing then
                return basis;
            }
            if (before != Long.MIN_VALUE && basis - before < 0) {
                found(
                        "ME-2",
                        "the basis of session " + session.id() + " went back by " + Duration.ofNanos(before - basis));
            }
            notAhead("the basis of session " + session.id(), basis);
            newestBasis.accumulateAndGet(
                    basis, (known, now) -> known == Long.MIN_VALUE || now - known > 0 ? now : known);
            return basis;
        }

        void renewed(@Nullable Renewal renewal) {
            if (renewal != null) {
                notAhead("the time at which a renewal is said to have been sent", renewal.sentAt());
                renewal.statuses().values().forEach(this::learned);
            }
        }

        /** A grant may be learned by a renewal first. */
        private synchronized void learned(ContenderStatus status) {
            if (status instanceof ContenderStatus.Holding holding) {
                Asked asking = asked.get(holding.grant().contenderId());
                if (asking != null) {
                    asking.token = holding.grant().storeToken();
                }
            }
        }

        private void notAhead(String what, long time) {
            long ahead = time - clock.nanoTime();
            if (ahead > 0) {
                found("ME-2", what + " is ahead of its clock by " + Duration.ofNanos(ahead));
            }
        }

        /** Has a session contend, and sees what becomes of it. */
        Contender contend(LockSession session, LockRequest request) {
            Asked asking = asks(request); // before: the news of its loss may come inside the call
            Contender contender = session.contend(request);
            contender.answered().whenComplete((answer, failure) -> {
                if (answer == Answer.WAITING) {
                    waits(request, asking);
                }
            });
            contender.granted().whenComplete((grant, failure) -> {
                if (grant != null) {
                    granted(request, asking, grant);
                }
            });
            return contender;
        }

        /** The same for a copy of the same request. */
        private synchronized Asked asks(LockRequest request) {
            return asked.computeIfAbsent(request.contenderId(), id -> new Asked(request.name()));
        }

        private void waits(LockRequest request, Asked asking) {
            if (!request.enqueue()) {
                found("WA-4", request + " is a try, and was put in line");
            }
            synchronized (this) {
                asking.waits = true;
            }
        }

        private void granted(LockRequest request, Asked asking, Grant grant) {
            if (!grant.name().equals(request.name()) || grant.contenderId() != request.contenderId()) {
                found("ME-1", request + " was granted what is another's: " + grant);
            }
            synchronized (this) {
                asking.token = grant.storeToken();
            }
        }

        /** A grant that is learned after the withdrawal is released by the backend, and may be told as gone. */
        synchronized void withdrawn(LockRequest request) {
            Asked asking = asked.get(request.contenderId());
            if (asking != null) {
                asking.withdrawn = true;
            }
        }

        /** Of a request that was put in line: what is told of others, a backend may call by names and numbers of its own. */
        synchronized void lost(Grant grant) {
            Asked asking = asked.get(grant.contenderId());
            if (asking != null && asking.name.equals(grant.name()) && asking.waits && !asking.withdrawn) {
                losses.add(new Told(grant, asking));
            }
        }

        /** At the end, since the news of a loss may overtake that of the grant. */
        private synchronized void judgeLosses() {
            for (Told told : losses) {
                if (told.asking.token != told.grant.storeToken()) {
                    found("KE-1", "a session was told that it has lost " + told.grant + ", for which it only waited");
                }
            }
            losses.clear();
        }
    }

    private record Told(Grant grant, Asked asking) {}

    /** A request; its fields are guarded by its session. */
    private static final class Asked {
        private final String name;
        private long token;
        private boolean waits;
        private boolean withdrawn;

        Asked(String name) {
            this.name = name;
        }
    }
}
