// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockException;
import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client's contenders. Redis knows no sessions: each contender has a lease of its own there, under an id that begins with ours. */
final class RedisSession implements LockSession {
    /** How many renewals go out in one piece. One that fails leaves the others alone. */
    private static final int BATCH = 200;

    /** What failed within this share of a lease is asked once more in the same round. */
    private static final int SOON_SHARE = 10;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final RedisBackend backend;
    private final SessionOptions options;
    private final SessionEvents events;
    private final WakeUps wakeUps;
    private final String id;
    private final long openedAt;
    private final Map<Long, RedisContender> contenders = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Requests renewals;
    private final RenewalConnections connections;

    RedisSession(RedisBackend backend, SessionOptions options, SessionEvents events, WakeUps wakeUps) {
        this.backend = backend;
        this.options = options;
        this.events = events;
        this.wakeUps = wakeUps;
        this.openedAt = now();
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        this.id = HexFormat.of().formatHex(random);
        this.renewals = backend.renewals(options.lease());
        this.connections = backend.connections(renewals, options);
        wakeUps.add(this);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    /** Nothing in Redis keeps a session, so this never moves; each contender has its own basis. */
    @Override
    public long basis() {
        return openedAt;
    }

    String idOf(long contenderId) {
        return id + "." + contenderId;
    }

    long now() {
        return options.runtime().clock().nanoTime();
    }

    // ---- one contender

    @Override
    public Contender contend(LockRequest request) {
        LockKeys keys = backend.keysOf(request.name());
        // Just before it leaves: the lease is counted from here (rule ME-2).
        RedisContender contender = new RedisContender(this, request, keys, now());
        contender.hearsSince(wakeUps.subscriptions());
        contenders.put(request.contenderId(), contender);
        Grant given = request.releasing();
        send(
                        Script.CONTEND,
                        keys,
                        contender.id,
                        retention(),
                        micros(options.lease()),
                        Long.toString(options.runtime().clock().wallMillis()),
                        wakeUps.channel(),
                        wakeUps.secretOf(contender.id),
                        options.label(),
                        request.enqueue() ? "1" : "0",
                        given == null ? "" : idOf(given.contenderId()),
                        given == null ? "" : Long.toString(given.storeToken()))
                .whenComplete((line, failure) -> {
                    if (failure == null && given != null) {
                        forget(given);
                    }
                    contender.answer(line, failure);
                });
        return contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        LockKeys keys = backend.keysOf(grant.name());
        return release(keys, idOf(grant.contenderId()), grant.storeToken()).thenApply(done -> {
            forget(grant);
            return done;
        });
    }

    private CompletableFuture<Boolean> release(LockKeys keys, String contender, long token) {
        return send(Script.RELEASE, keys, contender, retention(), Long.toString(token))
                .thenApply("1"::equals);
    }

    /** Gives back a grant that nobody owns. Not repeated: it ends with its lease. */
    CompletableFuture<Boolean> giveBack(LockKeys keys, String contender, long token) {
        return release(keys, contender, token);
    }

    private void forget(Grant grant) {
        RedisContender contender = contenders.get(grant.contenderId());
        if (contender != null) {
            contender.over();
        }
    }

    void forget(RedisContender contender) {
        contenders.remove(contender.request().contenderId(), contender);
    }

    /** Removes a contender; when its request may still be on the way, that one is to create nothing (rule UO-2). */
    CompletionStage<@Nullable Void> remove(RedisContender contender, boolean copyMayCome) {
        String refused = copyMayCome ? micros(options.lease()) : "0";
        return send(Script.WITHDRAW, contender.keys, contender.id, retention(), refused)
                .thenApply(done -> null);
    }

    LockException failureOf(@Nullable Throwable failure, String what) {
        return backend.failures().of(failure, what);
    }

    // ---- renewals and looks

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        List<RedisContender> ours = new ArrayList<>(asked.size());
        for (Contender contender : asked) {
            if (contender instanceof RedisContender one && one.canBeRenewed()) {
                ours.add(one);
            }
        }
        return look(ours);
    }

    private CompletionStage<Renewal> look(List<RedisContender> asked) {
        // Each round begins elsewhere: what ends a connection in the middle of every round must not end it before the
        // same ones (KE-2).
        List<RedisContender> named = new ArrayList<>(asked);
        Collections.rotate(named, ThreadLocalRandom.current().nextInt(Math.max(1, named.size())));
        // Before the first of them leaves: for the last one this is early, which is the safe side.
        long sentAt = now();
        Map<Long, ContenderStatus> statuses = new ConcurrentHashMap<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        return send(named, sentAt, statuses, failed)
                .thenCompose(unanswered -> {
                    // A connection that ended in the middle of a round took the rest of it along: once more, on another
                    // one (rule KE-2).
                    boolean soon = now() - sentAt < options.lease().toNanos() / SOON_SHARE;
                    return unanswered.isEmpty() || !soon
                            ? CompletableFuture.completedFuture(unanswered)
                            : send(List.copyOf(unanswered), sentAt, statuses, failed);
                })
                .thenApply(unanswered -> {
                    Throwable why = failed.get();
                    if (statuses.isEmpty() && why != null) {
                        throw failureOf(why, "renew");
                    }
                    return new Renewal(sentAt, new HashMap<>(statuses));
                });
    }

    /** Sends renewals, in flights of some hundred. @return those that got no answer, when all have one or have failed */
    private CompletableFuture<Collection<RedisContender>> send(
            List<RedisContender> named,
            long sentAt,
            Map<Long, ContenderStatus> statuses,
            AtomicReference<Throwable> failed) {
        Collection<RedisContender> unanswered = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<?>> all = new ArrayList<>(named.size());
        for (int from = 0; from < named.size(); from += BATCH) {
            List<RedisContender> batch = named.subList(from, Math.min(from + BATCH, named.size()));
            List<CompletableFuture<String>> answers = sendRenewals(batch);
            for (int i = 0; i < answers.size(); i++) {
                RedisContender contender = batch.get(i);
                all.add(answers.get(i).handle((line, failure) -> {
                    if (line == null) {
                        failed.compareAndSet(null, failure);
                        unanswered.add(contender);
                    } else {
                        note(contender, line, sentAt, statuses, failed);
                    }
                    return null;
                }));
            }
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> unanswered);
    }

    private List<CompletableFuture<String>> sendRenewals(List<RedisContender> batch) {
        List<Request> requests = new ArrayList<>(batch.size());
        for (RedisContender contender : batch) {
            requests.add(new Request(Script.RENEW, contender.keys, List.of(contender.id, retention())));
        }
        return renewals.sendTogether(requests, connections::next, options.runtime());
    }

    private void note(
            RedisContender contender,
            String line,
            long sentAt,
            Map<Long, ContenderStatus> statuses,
            AtomicReference<Throwable> failed) {
        try {
            ContenderStatus status = contender.renewed(Reply.parse(line), sentAt);
            if (status != null) {
                statuses.put(contender.request().contenderId(), status);
            }
        } catch (RuntimeException malformed) {
            failed.compareAndSet(null, malformed);
        }
    }

    /** Looks at a waiting contender by itself, for a wake-up that was lost or a death before it. One look of it at a time. */
    private void look(RedisContender contender) {
        if (!contender.isWaiting() || !contender.beginLook()) {
            return;
        }
        looked(contender).whenComplete((renewal, failure) -> {
            contender.endLook(); // also when nothing was sent: as long as one is under way there is no other
            if (failure != null) {
                contender.lookLater();
            }
        });
    }

    private CompletionStage<Renewal> looked(RedisContender contender) {
        try {
            return look(List.of(contender));
        } catch (RuntimeException | Error e) { // a scheduler that refuses
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Plans a look, a poll interval or more from now; called under the contender's lock.
     *
     * @return null when a renewal comes first
     */
    @Nullable
    Scheduled lookLater(RedisContender contender, long milliseconds) {
        long nanos = Math.max(backend.settings().pollInterval().toNanos(), TimeUnit.MILLISECONDS.toNanos(milliseconds));
        if (nanos > options.lease().toNanos() / 3) {
            return null;
        }
        return options.runtime().scheduler().schedule(() -> look(contender), nanos);
    }

    /** The subscription was made anew: a wake-up may have been lost for any that waits. */
    void lookAgain() {
        List<RedisContender> waiting =
                contenders.values().stream().filter(RedisContender::isWaiting).toList();
        if (!waiting.isEmpty()) {
            look(waiting);
        }
    }

    /**
     * A message of ours: a contender was granted the lock, or lost it by force.
     *
     * @param inOrder whether messages come in the order in which they were sent
     * @return false when no contender of this session is meant
     */
    boolean told(WakeUp said, boolean inOrder) {
        RedisContender contender = contenders.get(said.number());
        if (contender == null || !contender.keys.equals(said.keys())) {
            return false;
        }
        if (said.forced()) {
            Grant grant = contender.grant();
            if (grant != null && grant.storeToken() == said.token()) {
                contender.over();
                events.grantLost(grant, "it was released by force");
            }
        } else if (inOrder && contender.hasHeardAll(wakeUps.subscriptions())) {
            contender.woken(said.token());
        } else {
            // It may have been forced open since, and that message was lost: a copy of this one can come at any time.
            look(contender);
        }
        return true;
    }

    // ---- the end

    @Override
    public CompletionStage<@Nullable Void> close() {
        List<CompletableFuture<?>> all = new ArrayList<>();
        contenders.values().forEach(c -> all.add(c.withdraw().toCompletableFuture()));
        // Not confirmed: the engine may ask again, for which no messages are needed.
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> leave())
                .thenApply(done -> null);
    }

    /** The backend is closed under it. */
    void abandon() {
        leave();
        events.sessionLost("the backend was closed");
    }

    /** Ends what it has in this process; what may be left in the store ends with its leases. */
    void leave() {
        if (closed.compareAndSet(false, true)) {
            wakeUps.remove(this);
            wakeUps.leave();
            connections.close();
            backend.forget(this);
        }
    }

    private CompletableFuture<String> send(Script script, LockKeys keys, Object... arguments) {
        return backend.requests().send(new Request(script, keys, List.of(arguments)), options.runtime());
    }

    private String retention() {
        return Long.toString(backend.settings().tokenRetention().toMillis());
    }

    private static String micros(Duration duration) {
        return Long.toString(TimeUnit.NANOSECONDS.toMicros(duration.toNanos()));
    }

    @Override
    public String toString() {
        return id + " (" + options.label() + ")";
    }
}
