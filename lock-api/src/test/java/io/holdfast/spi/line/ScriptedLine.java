// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A line whose requests are noted, and answered by the test when and as it likes. */
final class ScriptedLine
        implements LockLine, LineSession, Inquiries, LockRuntime, LockClock, LockScheduler, SessionEvents {
    /** What was asked, as "leave 7 5": word, contender, token. */
    final List<String> asked = new ArrayList<>();

    /** What the engine was told. */
    final List<String> told = new ArrayList<>();

    /** Contenders whose answers nobody wants any more. */
    final List<Long> unwantedEntries = new ArrayList<>();

    /** The stage of the newest request of each word. */
    private final Map<String, CompletableFuture<Object>> open = new HashMap<>();

    final LineBackend backend;
    final LockSession session;
    LineEvents events;
    long now = 1_000;

    /** Thrown by the next request. */
    @Nullable
    RuntimeException thrown;

    private final Capabilities capabilities;

    ScriptedLine(LeaseScope scope) {
        this(Capabilities.of(scope).queues(true).build());
    }

    ScriptedLine(Capabilities capabilities) {
        this.capabilities = capabilities;
        this.backend = new LineBackend(this);
        CompletionStage<LockSession> opening =
                backend.openSession(new SessionOptions(Duration.ofNanos(600), "test", this), this);
        this.session = opening.toCompletableFuture().join();
    }

    @SuppressWarnings("unchecked")
    private <T> CompletionStage<T> ask(String word, String of) {
        asked.add((word + " " + of).strip());
        RuntimeException failure = thrown;
        thrown = null;
        if (failure != null) {
            throw failure;
        }
        CompletableFuture<Object> answer = new CompletableFuture<>();
        open.put(word, answer);
        return (CompletionStage<T>) answer;
    }

    void answer(String word, @Nullable Object answer) {
        open.remove(word).complete(answer);
    }

    void fail(String word, Throwable failure) {
        open.remove(word).completeExceptionally(failure);
    }

    /** A contender that was sent. */
    Contender contend(long id) {
        Contender contender = prepare(id, null);
        contender.start();
        return contender;
    }

    Contender prepare(long id, @Nullable Grant releasing) {
        return session.contend(LockRequest.exclusive("stock", id, true, releasing));
    }

    static Ticket ticket(long id) {
        return new Ticket("stock", id);
    }

    // ---- line

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return "scripted:";
    }

    @Override
    public CompletionStage<LineSession> open(SessionOptions options, LineEvents listener) {
        events = listener;
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public String id() {
        return "s1";
    }

    @Override
    public Duration lease() {
        return Duration.ofNanos(600);
    }

    @Override
    public long openedAt() {
        return 900;
    }

    @Override
    public CompletionStage<Entry> enter(
            Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
        unwanted.thenRun(() -> unwantedEntries.add(ticket.contenderId()));
        String given = releasing == null ? "" : " for " + releasing.ticket().contenderId() + " " + releasing.token();
        return ask("enter", ticket.contenderId() + given);
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return ask("release", held.ticket().contenderId() + " " + held.token());
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return ask("leave", ticket.contenderId() + " " + token);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return ask("undo", "" + ticket.contenderId());
    }

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return ask("renew", tickets.stream().map(t -> "" + t.contenderId()).reduce("", (a, b) -> a + b));
    }

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        return ask("look", "" + ticket.contenderId());
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        asked.add("watch " + ticket.contenderId());
        if (thrown != null) {
            throw thrown;
        }
    }

    @Override
    public CompletionStage<?> end() {
        return ask("end", "");
    }

    @Override
    public void detach() {
        asked.add("detach");
    }

    @Override
    public Inquiries inquiries() {
        return this;
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime limits) {
        return ask("inspect", name);
    }

    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime limits) {
        return ask("list", "");
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime limits) {
        return ask("force", name);
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return ask("diagnose", "");
    }

    @Override
    public void close() {
        asked.add("close");
    }

    // ---- events

    @Override
    public void sessionLost(String why) {
        told.add("lost: " + why);
    }

    @Override
    public void sessionSuspect(String why) {
        told.add("suspect: " + why);
    }

    @Override
    public void grantLost(Grant grant, String why) {
        told.add("grant " + grant.storeToken() + " lost: " + why);
    }

    // ---- runtime

    @Override
    public LockClock clock() {
        return this;
    }

    @Override
    public LockScheduler scheduler() {
        return this;
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long wallMillis() {
        return 0;
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        throw new IllegalStateException("a life plans nothing by itself");
    }
}
