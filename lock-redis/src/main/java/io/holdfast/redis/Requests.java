// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.api.BatchOptions;
import org.redisson.api.RBatch;
import org.redisson.api.RFuture;
import org.redisson.api.RScript;
import org.redisson.api.RScript.Mode;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RScriptAsync;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.OptionalOptions;
import org.redisson.client.codec.StringCodec;

/**
 * Sends scripts: one by one, or a flight of them on one connection. Thread-safe; never blocks.
 *
 * <p>Each is one command on the wire, {@code EVALSHA}; where the server has lost the script, {@code EVAL} follows, which is safe
 * because the first one did nothing. Redisson repeats none of them (its retries resend what may have been carried out: that is how
 * its own locks come to a hold count of 2), and reads their answers as plain text, so that nothing in the store can name a class.
 */
final class Requests {
    /** Redisson's time is shorter than ours, because it knows more about what went wrong. */
    private static final long REDISSONS_SHARE = 9;

    private final RedissonClient client;
    private final Failures failures;
    private final long timeoutNanos;
    private final long timeoutMillis;
    private final RScript scripts;

    Requests(RedissonClient client, Failures failures, Duration timeout) {
        this.client = client;
        this.failures = failures;
        this.timeoutNanos = timeout.toNanos();
        this.timeoutMillis = Math.max(1, timeout.toMillis() * REDISSONS_SHARE / 10);
        this.scripts = client.getScript(OptionalOptions.defaults()
                .codec(StringCodec.INSTANCE)
                .timeout(Duration.ofMillis(timeoutMillis))
                .retryAttempts(0));
    }

    /**
     * One call of a script.
     *
     * @param script which
     * @param keys its KEYS; none for one that is about all names or the server
     * @param arguments its ARGV
     */
    record Request(Script script, @Nullable LockKeys keys, List<Object> arguments) {
        List<Object> all() {
            return keys == null ? List.of() : keys.all();
        }

        /** What is asked, and of which lock. Rights are asked for when a client is opened. */
        String what() {
            if (script == Script.RIGHTS) {
                return "open";
            }
            String step = script.name().toLowerCase(Locale.ROOT);
            return keys == null ? step : step + " " + keys.state();
        }
    }

    /** Sends a script that answers one line. */
    CompletableFuture<String> send(Request request, LockRuntime runtime) {
        return send(request, ReturnType.VALUE, runtime);
    }

    /** Sends a script that answers several lines. */
    CompletableFuture<List<String>> sendForList(Request request, LockRuntime runtime) {
        return send(request, ReturnType.LIST, runtime);
    }

    private <R> CompletableFuture<R> send(Request request, ReturnType type, LockRuntime runtime) {
        CompletableFuture<R> answer = limited(request.what(), runtime);
        try {
            deliver(call(scripts, request, type), request, answer, () -> text(scripts, request, type));
        } catch (RuntimeException e) { // a client that was shut down, or cannot connect
            answer.completeExceptionally(failures.of(e, request.what()));
        }
        return answer;
    }

    /**
     * Calls one script many times at once, on one connection. Each call has its own answer: one that fails says nothing of the
     * others.
     *
     * @param requests at most a few hundred
     * @return their answers, in the same order
     */
    List<CompletableFuture<String>> sendTogether(List<Request> requests, LockRuntime runtime) {
        List<CompletableFuture<String>> answers = new ArrayList<>(requests.size());
        requests.forEach(request -> answers.add(limited(request.what(), runtime)));
        fly(requests, answers, false);
        return answers;
    }

    /**
     * One flight of calls. Those whose script the server has lost fly again together, the first of them in full: it teaches the
     * script to the server, and the others come after it on the same connection.
     */
    private void fly(List<Request> requests, List<CompletableFuture<String>> answers, boolean teaching) {
        RBatch batch = client.createBatch(
                BatchOptions.defaults().retryAttempts(0).responseTimeout(timeoutMillis, TimeUnit.MILLISECONDS));
        RScriptAsync script = batch.getScript(StringCodec.INSTANCE);
        List<CompletableFuture<Boolean>> missing = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            Request request = requests.get(i);
            CompletableFuture<String> answer = answers.get(i);
            RFuture<String> sent = teaching && i == 0
                    ? text(script, request, ReturnType.VALUE)
                    : call(script, request, ReturnType.VALUE);
            missing.add(sent.handle((value, failure) -> {
                        boolean unknown = !teaching && Failures.isScriptMissing(failure);
                        if (!unknown) {
                            complete(answer, value, failure, request);
                        }
                        return unknown;
                    })
                    .toCompletableFuture());
        }
        try {
            // When it fails as a whole, Redisson fails each of its commands; otherwise each has its own answer.
            batch.executeAsync();
        } catch (RuntimeException e) { // a client that was shut down
            answers.forEach(answer -> answer.completeExceptionally(failures.of(e, "pipelined requests")));
            return;
        }
        if (!teaching) {
            CompletableFuture.allOf(missing.toArray(CompletableFuture[]::new))
                    .thenRun(() -> flyAgain(requests, answers, missing));
        }
    }

    private void flyAgain(
            List<Request> requests, List<CompletableFuture<String>> answers, List<CompletableFuture<Boolean>> missing) {
        List<Request> again = new ArrayList<>();
        List<CompletableFuture<String>> theirs = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            if (missing.get(i).join() && !answers.get(i).isDone()) {
                again.add(requests.get(i));
                theirs.add(answers.get(i));
            }
        }
        if (!again.isEmpty()) {
            fly(again, theirs, true);
        }
    }

    /** The same stage, failed when it takes longer than a request may. */
    <R extends @Nullable Object> CompletableFuture<R> limit(
            CompletionStage<R> stage, String what, LockRuntime runtime) {
        CompletableFuture<R> answer = limited(what, runtime);
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failures.of(failure, what));
            }
        });
        return answer;
    }

    /** Never stays open for longer than one request may take, whatever Redisson does. */
    private <R extends @Nullable Object> CompletableFuture<R> limited(String what, LockRuntime runtime) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        Scheduled limit = runtime.scheduler()
                .schedule(
                        () -> answer.completeExceptionally(failures.unanswered(
                                what, "waited " + Duration.ofNanos(timeoutNanos).toMillis() + " ms")),
                        timeoutNanos);
        answer.whenComplete((value, failure) -> limit.cancel());
        return answer;
    }

    private <R> void deliver(
            RFuture<R> sent, Request request, CompletableFuture<R> answer, Supplier<RFuture<R>> inFull) {
        sent.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else if (Failures.isScriptMissing(failure) && !answer.isDone()) {
                inFull.get().whenComplete((second, why) -> complete(answer, second, why, request));
            } else {
                complete(answer, value, failure, request);
            }
        });
    }

    private <R> void complete(CompletableFuture<R> answer, R value, @Nullable Throwable failure, Request request) {
        if (failure == null) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(failures.of(failure, request.what()));
        }
    }

    private static <R> RFuture<R> call(RScriptAsync scripts, Request request, ReturnType type) {
        return scripts.evalShaAsync(
                Mode.READ_WRITE,
                request.script().sha(),
                type,
                request.all(),
                request.arguments().toArray());
    }

    private static <R> RFuture<R> text(RScriptAsync scripts, Request request, ReturnType type) {
        return scripts.evalAsync(
                Mode.READ_WRITE,
                request.script().text(),
                type,
                request.all(),
                request.arguments().toArray());
    }
}
