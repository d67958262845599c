// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockInfo;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.StoredLock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What asks the store and waits for its answer: who holds what, and taking it from them. */
final class Inquiry {
    private final EngineClient client;
    private final LockBackend backend;

    Inquiry(EngineClient client, LockBackend backend) {
        this.client = client;
        this.backend = backend;
    }

    LockInfo inspect(String name) {
        return info(ask("inspect lock '" + Names.printable(name) + "'", () -> backend.inspect(name)));
    }

    List<LockInfo> list() {
        return ask("list locks", backend::list).stream()
                .map(this::info)
                .sorted(Comparator.comparing(LockInfo::name))
                .toList();
    }

    ForceOutcome forceRelease(String name, OptionalLong fencingToken) {
        OptionalLong storeToken = OptionalLong.empty();
        if (fencingToken.isPresent()) {
            storeToken = OptionalLong.of(client.tokens().storeToken(fencingToken.getAsLong()));
            if (storeToken.getAsLong() <= 0) {
                throw new IllegalArgumentException("no lock can have the fencing token " + fencingToken.getAsLong()
                        + " with the token-base in force");
            }
        }
        OptionalLong onlyIf = storeToken;
        return ask("release lock '" + Names.printable(name) + "' by force", () -> backend.forceRelease(name, onlyIf));
    }

    private LockInfo info(StoredLock s) {
        return new LockInfo(
                s.name(),
                s.isHeld() ? OptionalLong.of(client.tokens().of(s.storeToken())) : OptionalLong.empty(),
                Optional.ofNullable(s.holder()),
                s.sinceMillis() > 0 ? Optional.of(Instant.ofEpochMilli(s.sinceMillis())) : Optional.empty(),
                s.contenders());
    }

    private <T> T ask(String what, Supplier<CompletionStage<T>> question) {
        String where = "cannot " + what + " in " + backend.store() + ": ";
        if (client.isClosed()) {
            throw new LockClosedException(where + "the client is closed; open another one");
        }
        CompletionStage<T> asked;
        try {
            asked = question.get();
        } catch (RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<T> answer =
                Pending.await(client, asked, client.settings().operationTimeout());
        if (!answer.isDone()) {
            throw new LockOutcomeUnknownException(where + "no answer within operation-timeout ("
                    + client.settings().operationTimeout() + "); check the store, then look again");
        }
        if (answer.isCompletedExceptionally()) {
            throw Failures.rethrown(client.failures().unwrap(Pending.failureOf(answer)));
        }
        return answer.join();
    }
}
