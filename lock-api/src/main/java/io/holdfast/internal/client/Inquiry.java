// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.name.Tokens;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.StoredLock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** What asks the store and waits for its answer: who holds what, and taking it from them. */
final class Inquiry {
    private final Engine engine;
    private final LockBackend backend;
    private final Tokens tokens;

    Inquiry(Engine engine, LockBackend backend, Tokens tokens) {
        this.engine = engine;
        this.backend = backend;
        this.tokens = tokens;
    }

    LockInfo inspect(String name) {
        return info(
                ask("inspect lock '" + LockNames.printable(name) + "'", () -> backend.inspect(name), Inquiry::notTold));
    }

    List<LockInfo> list() {
        return ask("list locks", backend::list, Inquiry::notTold).stream()
                .map(this::info)
                .sorted(Comparator.comparing(LockInfo::name))
                .toList();
    }

    List<StoreFinding> diagnose() {
        return ask("diagnose the store", backend::diagnose, Inquiry::notTold);
    }

    /** Who only asks has changed nothing: an answer that did not come leaves no outcome unknown, whatever a backend calls it. */
    private static RuntimeException notTold(LockOutcomeUnknownException unanswered) {
        return new LockUnavailableException(String.valueOf(unanswered.getMessage()), unanswered.getCause());
    }

    /** Only this one changes the store, so only its missing answer leaves an outcome unknown. */
    ForceOutcome forceRelease(String name, OptionalLong fencingToken) {
        String what = "release lock '" + LockNames.printable(name) + "' by force";
        if (fencingToken.isEmpty()) {
            return ask(what, () -> backend.forceRelease(name, OptionalLong.empty()), unknown -> unknown);
        }
        long storeToken = tokens.storeToken(fencingToken.getAsLong());
        if (storeToken <= 0) {
            // No grant has such a token, so whoever holds is not the one that is meant.
            return inspect(name).isHeld() ? ForceOutcome.MOVED_ON : ForceOutcome.NOT_HELD;
        }
        OptionalLong onlyIf = OptionalLong.of(storeToken);
        return ask(what, () -> backend.forceRelease(name, onlyIf), unknown -> unknown);
    }

    private LockInfo info(StoredLock s) {
        return new Shown(
                s.name(),
                s.isHeld() ? OptionalLong.of(tokens.of(s.storeToken())) : OptionalLong.empty(),
                Optional.ofNullable(s.holder()),
                s.sinceMillis() > 0 ? Optional.of(Instant.ofEpochMilli(s.sinceMillis())) : Optional.empty(),
                s.contenders());
    }

    private <T> T ask(
            String what,
            Supplier<CompletionStage<T>> question,
            Function<LockOutcomeUnknownException, RuntimeException> unanswered) {
        String where = "cannot " + what + " in " + backend.store() + ": ";
        if (engine.isClosed()) {
            throw new LockClosedException(where + "the client is closed; open another one");
        }
        CompletableFuture<T> answer =
                Pending.await(engine, asked(question), engine.settings().operationTimeout());
        if (!answer.isDone()) {
            throw unanswered.apply(new LockOutcomeUnknownException(where + "no answer within operation-timeout ("
                    + DurationFormat.show(engine.settings().operationTimeout())
                    + "); check the store, then look again"));
        }
        if (answer.isCompletedExceptionally()) {
            RuntimeException told =
                    engine.failures().told(where, engine.failures().unwrap(Pending.failureOf(answer)));
            throw told instanceof LockOutcomeUnknownException unknown ? unanswered.apply(unknown) : told;
        }
        T found = answer.join();
        if (found == null) {
            throw new LockUnavailableException(
                    where + "the backend answered null, which none may; the kit says what else it breaks");
        }
        return found;
    }

    /** A backend of somebody's may throw, or hand out nothing to wait for: an answer all the same (rule ER-2). */
    private static <T> CompletionStage<T> asked(Supplier<CompletionStage<T>> question) {
        try {
            CompletionStage<T> stage = question.get();
            return stage != null ? stage : CompletableFuture.failedFuture(new NullPointerException("no stage"));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private record Shown(
            String name, OptionalLong fencingToken, Optional<String> holder, Optional<Instant> since, int contenders)
            implements LockInfo {}
}
