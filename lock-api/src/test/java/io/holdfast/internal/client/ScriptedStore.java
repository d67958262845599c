// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/** A store whose every answer the test gives by hand. */
final class ScriptedStore implements LockBackend {
    final List<Session> sessions = new CopyOnWriteArrayList<>();
    final List<CompletableFuture<LockSession>> unopened = new CopyOnWriteArrayList<>();
    boolean opensAtOnce = true;

    /** Every contender is granted, and every release confirmed, before the call returns. */
    boolean answersAtOnce;

    /** Called before a request that gives a grant up is taken in. */
    Runnable beforeRelease = () -> {};

    boolean closed;

    /** How often somebody looked at a lock or forced it. */
    int looks;

    /** What a look, a list and a forced release are answered with. */
    Function<String, CompletionStage<StoredLock>> inspected =
            name -> CompletableFuture.completedFuture(StoredLock.free(name, 0));

    Supplier<CompletionStage<List<StoredLock>>> listed = () -> CompletableFuture.completedFuture(List.of());
    Supplier<CompletionStage<ForceOutcome>> forced = () -> CompletableFuture.completedFuture(ForceOutcome.NOT_HELD);

    private final VirtualRuntime time;
    private final Capabilities capabilities;
    private long tokens = 100;

    ScriptedStore(VirtualRuntime time, Capabilities capabilities) {
        this.time = time;
        this.capabilities = capabilities;
    }

    static Capabilities queueing(LeaseScope scope) {
        return Capabilities.of(scope).queues(true).build();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return "scripted:store";
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        Session s = new Session(options.lease(), events, time.nanoTime());
        if (opensAtOnce) {
            sessions.add(s);
            return CompletableFuture.completedFuture(s);
        }
        CompletableFuture<LockSession> later = new CompletableFuture<>();
        unopened.add(later);
        return later;
    }

    Session session() {
        return sessions.get(sessions.size() - 1);
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        looks++;
        return inspected.apply(name);
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        looks++;
        return listed.get();
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        looks++;
        return forced.get();
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One session and what was asked of it. */
    final class Session implements LockSession {
        final SessionEvents events;
        final List<Place> places = new CopyOnWriteArrayList<>();
        final List<Released> releases = new CopyOnWriteArrayList<>();
        final List<Round> rounds = new CopyOnWriteArrayList<>();
        final List<CompletableFuture<Void>> closes = new CopyOnWriteArrayList<>();
        private final Duration lease;
        long basis;

        Session(Duration lease, SessionEvents events, long basis) {
            this.lease = lease;
            this.events = events;
            this.basis = basis;
        }

        @Override
        public String id() {
            return "session-" + sessions.indexOf(this);
        }

        @Override
        public Duration lease() {
            return lease;
        }

        @Override
        public long basis() {
            return basis;
        }

        @Override
        public Contender contend(LockRequest request) {
            if (request.releasing() != null) {
                beforeRelease.run();
            }
            Place p = new Place(request);
            places.add(p);
            if (answersAtOnce) {
                p.released.complete(true);
                p.grant();
            }
            return p;
        }

        Place place() {
            return places.get(places.size() - 1);
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            beforeRelease.run();
            Released r = new Released(grant, new CompletableFuture<>());
            releases.add(r);
            if (answersAtOnce) {
                r.answer().complete(true);
            }
            return r.answer();
        }

        Released released() {
            return releases.get(releases.size() - 1);
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            Round r = new Round(time.nanoTime(), List.copyOf(contenders), new CompletableFuture<>());
            rounds.add(r);
            return r.answer();
        }

        Round round() {
            return rounds.get(rounds.size() - 1);
        }

        /** Acknowledges a round as a store with a lease per session does. */
        void acknowledge(Round round) {
            basis = Math.max(basis, round.sentAt());
            round.answer().complete(new Renewal(round.sentAt(), Map.of()));
        }

        /** Acknowledges the last round as a store with a lease per grant does: all that it named is there. */
        void acknowledgeAll() {
            Map<Long, ContenderStatus> statuses = new HashMap<>();
            for (Contender named : round().named()) {
                Grant granted = named.granted().toCompletableFuture().getNow(null);
                statuses.put(
                        named.request().contenderId(),
                        granted == null ? ContenderStatus.WAITING : new ContenderStatus.Holding(granted));
            }
            round().answer().complete(new Renewal(round().sentAt(), statuses));
        }

        @Override
        public CompletionStage<Void> close() {
            beforeRelease.run();
            CompletableFuture<Void> answer = new CompletableFuture<>();
            closes.add(answer);
            return answer;
        }
    }

    record Released(Grant grant, CompletableFuture<Boolean> answer) {}

    record Round(long sentAt, List<Contender> named, CompletableFuture<Renewal> answer) {}

    /** One contender and its answers. */
    final class Place implements Contender {
        final LockRequest request;
        final CompletableFuture<Answer> answer = new CompletableFuture<>();
        final CompletableFuture<Grant> grant = new CompletableFuture<>();
        final CompletableFuture<Boolean> released = new CompletableFuture<>();
        final List<CompletableFuture<Void>> withdrawals = new CopyOnWriteArrayList<>();

        Place(LockRequest request) {
            this.request = request;
            if (request.releasing() == null) {
                released.complete(true);
            }
        }

        Grant makeGrant(long token, long basis) {
            return new Grant(request.name(), request.contenderId(), token, basis, null);
        }

        void grant() {
            grant(++tokens);
        }

        void grant(long token) {
            answer.complete(Answer.GRANTED);
            grant.complete(makeGrant(token, time.nanoTime()));
        }

        /** Its turn has come; its lease runs since this time. */
        void grantSince(long basis) {
            grant.complete(makeGrant(++tokens, basis));
        }

        void queue() {
            answer.complete(Answer.WAITING);
        }

        void refuse() {
            answer.complete(Answer.BUSY);
            grant.complete(null);
        }

        void fail(RuntimeException why) {
            answer.completeExceptionally(why);
            grant.complete(null);
        }

        @Override
        public LockRequest request() {
            return request;
        }

        @Override
        public CompletionStage<Answer> answered() {
            return answer;
        }

        @Override
        public CompletionStage<Grant> granted() {
            return grant;
        }

        @Override
        public CompletionStage<Boolean> released() {
            return released;
        }

        @Override
        public CompletionStage<Void> withdraw() {
            CompletableFuture<Void> done = new CompletableFuture<>();
            withdrawals.add(done);
            return done;
        }
    }
}
