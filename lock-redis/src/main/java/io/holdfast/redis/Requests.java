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
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.RedissonShutdownException;
import org.redisson.api.RScript;
import org.redisson.api.RScript.Mode;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RScriptAsync;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.OptionalOptions;
import org.redisson.api.options.OptionalParams;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.RedisCommand;

/**
 * Sends scripts: one by one, or a flight of them on one connection. Thread-safe; never blocks.
 *
 * <p>Each is one command on the wire, {@code EVALSHA}; where the server has lost the script, {@code EVAL} follows, which is safe
 * because the first one did nothing. Redisson repeats none of them (its retries resend what may have been carried out: that is how
 * its own locks come to a hold count of 2), and reads their answers as plain text, so that nothing in the store can name a class.
 * Nothing else of a client's settings counts (rule SP-9): keys are bytes, which no name mapper changes.
 */
final class Requests {
    /** Redisson's time is shorter than ours, because it knows more about what went wrong. */
    private static final long REDISSONS_SHARE = 9;

    /** A limit in time that comes so late says more of this process than of the store. */
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(50);

    /** To a server the same as in capitals, by which Redisson knows what its cache is for. */
    private static final String UNCACHED = "eval";

    private static final String PIPELINED = "pipelined requests";

    private final RedissonClient client;
    private final Executor sender;
    private final Failures failures;
    private final long timeoutNanos;
    private final long timeoutMillis;
    private final OptionalOptions options;
    private final RScript scripts;

    /**
     * Requests by a client's pool.
     *
     * @param sender on which they are sent
     * @param timeout how long one may take
     */
    Requests(RedissonClient client, Executor sender, Failures failures, Duration timeout) {
        this.client = client;
        this.sender = sender;
        this.failures = failures;
        this.timeoutNanos = timeout.toNanos();
        this.timeoutMillis = Math.max(1, timeout.toMillis() * REDISSONS_SHARE / 10);
        this.options = OptionalOptions.defaults()
                .codec(StringCodec.INSTANCE)
                .timeout(Duration.ofMillis(timeoutMillis))
                .retryAttempts(0);
        this.scripts = client.getScript(options);
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
        CompletableFuture<R> answer = limited(request::what, runtime);
        begin(request::what, List.of(answer), () -> {
            CompletionStage<R> sent = digest(scripts, request, type);
            sent.whenComplete((value, failure) -> {
                if (Failures.isScriptMissing(failure) && !answer.isDone()) {
                    begin(request::what, List.of(answer), () -> sendInFull(request, type, answer));
                } else {
                    complete(answer, value, failure, request);
                }
            });
        });
        return answer;
    }

    private <R> void sendInFull(Request request, ReturnType type, CompletableFuture<R> answer) {
        CompletionStage<R> sent = inFull(request, type);
        sent.whenComplete((value, failure) -> complete(answer, value, failure, request));
    }

    /**
     * Teaches a script to the server, past the cache of scripts that Redisson keeps unless told otherwise: that one wants a right more,
     * to load them, and does not hear of a {@code SCRIPT FLUSH}.
     */
    <R> CompletionStage<R> inFull(Request request, ReturnType type) {
        if (!(client instanceof Redisson own)) { // a wrapper of somebody's
            return text(scripts, request, type);
        }
        return own.getCommandExecutor()
                .copy((OptionalParams) options)
                .evalWriteAsync(
                        request.keys() == null ? null : request.keys().state(),
                        StringCodec.INSTANCE,
                        new RedisCommand<>(command(type), UNCACHED),
                        request.script().text(),
                        request.all(),
                        request.arguments().toArray());
    }

    Flight pooledFlight() {
        return new PooledFlight(this, client, timeoutMillis);
    }

    /**
     * What touches Redisson happens on the sender's threads; what it throws fails the answers.
     *
     * @param what is asked for in a message only: made for each request, it was 3 % of a client's time
     */
    private void begin(Supplier<String> what, List<? extends CompletableFuture<?>> answers, Runnable step) {
        try {
            sender.execute(() -> {
                try {
                    step.run();
                } catch (RuntimeException e) { // a client that was shut down, or cannot connect
                    answers.forEach(answer -> answer.completeExceptionally(failures.of(e, what.get())));
                }
            });
        } catch (RejectedExecutionException e) {
            RedissonShutdownException ended = new RedissonShutdownException("its threads have ended");
            answers.forEach(answer -> answer.completeExceptionally(failures.of(ended, what.get())));
        }
    }

    /**
     * Calls one script many times at once, on one connection. Each call has its own answer: one that fails says nothing of the
     * others.
     *
     * @param requests at most a few hundred
     * @param flights where they go out
     * @return their answers, in the same order
     */
    List<CompletableFuture<String>> sendTogether(
            List<Request> requests, Supplier<CompletionStage<Flight>> flights, LockRuntime runtime) {
        List<CompletableFuture<String>> answers = new ArrayList<>(requests.size());
        requests.forEach(request -> answers.add(limited(request::what, runtime)));
        begin(() -> PIPELINED, answers, () -> fly(requests, answers, flights, false));
        return answers;
    }

    private void fly(
            List<Request> requests,
            List<CompletableFuture<String>> answers,
            Supplier<CompletionStage<Flight>> flights,
            boolean teaching) {
        flights.get().whenComplete((flight, failure) -> {
            try {
                if (failure != null) {
                    throw failures.of(failure, PIPELINED);
                }
                fly(requests, answers, flight, flights, teaching);
            } catch (RuntimeException e) { // a client that was shut down
                answers.forEach(answer -> answer.completeExceptionally(failures.of(e, PIPELINED)));
            }
        });
    }

    /**
     * One flight of calls. Those whose script the server has lost fly again together, the first of them in full: it teaches the
     * script to the server, and the others come after it on the same connection.
     */
    private void fly(
            List<Request> requests,
            List<CompletableFuture<String>> answers,
            Flight flight,
            Supplier<CompletionStage<Flight>> flights,
            boolean teaching) {
        List<CompletableFuture<Boolean>> missing = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            Request request = requests.get(i);
            CompletableFuture<String> answer = answers.get(i);
            missing.add(flight.add(request, teaching && i == 0)
                    .handle((value, failure) -> {
                        boolean unknown = !teaching && Failures.isScriptMissing(failure);
                        if (!unknown) {
                            complete(answer, value, failure, request);
                        }
                        return unknown;
                    })
                    .toCompletableFuture());
        }
        flight.go();
        CompletableFuture.allOf(missing.toArray(CompletableFuture[]::new))
                .thenRun(() -> teach(requests, answers, missing, flights));
    }

    private void teach(
            List<Request> requests,
            List<CompletableFuture<String>> answers,
            List<CompletableFuture<Boolean>> missing,
            Supplier<CompletionStage<Flight>> flights) {
        List<Request> again = new ArrayList<>();
        List<CompletableFuture<String>> theirs = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            if (missing.get(i).join() && !answers.get(i).isDone()) {
                again.add(requests.get(i));
                theirs.add(answers.get(i));
            }
        }
        if (!again.isEmpty()) {
            begin(() -> PIPELINED, theirs, () -> fly(again, theirs, flights, true));
        }
    }

    /** Something else of Redisson's, sent as requests are; failed when it takes longer than one may. */
    <R extends @Nullable Object> CompletableFuture<R> limit(
            Supplier<? extends CompletionStage<R>> step, String what, LockRuntime runtime) {
        CompletableFuture<R> answer = limited(() -> what, runtime);
        begin(() -> what, List.of(answer), () -> step.get().whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failures.of(failure, what));
            }
        }));
        return answer;
    }

    /** Never stays open for longer than one request may take, whatever Redisson does. */
    private <R extends @Nullable Object> CompletableFuture<R> limited(Supplier<String> what, LockRuntime runtime) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        long due = runtime.clock().nanoTime() + timeoutNanos;
        Scheduled limit = runtime.scheduler()
                .schedule(
                        () -> {
                            if (runtime.clock().nanoTime() - due < LATE) {
                                giveUp(answer, what);
                            } else { // this process stood still: the answer may be there, and only not read
                                runtime.scheduler().schedule(() -> giveUp(answer, what), LATE);
                            }
                        },
                        timeoutNanos);
        answer.whenComplete((value, failure) -> limit.cancel());
        return answer;
    }

    private void giveUp(CompletableFuture<?> answer, Supplier<String> what) {
        if (!answer.isDone()) {
            answer.completeExceptionally(failures.unanswered(
                    what.get(), "waited " + Duration.ofNanos(timeoutNanos).toMillis() + " ms"));
        }
    }

    private <R> void complete(CompletableFuture<R> answer, R value, @Nullable Throwable failure, Request request) {
        if (failure == null) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(failures.of(failure, request.what()));
        }
    }

    /** Redisson's own command for an answer of this type: how to read it. */
    @SuppressWarnings("unchecked")
    static RedisCommand<Object> command(ReturnType type) {
        return (RedisCommand<Object>) type.getCommand();
    }

    static <R> CompletionStage<R> digest(RScriptAsync scripts, Request request, ReturnType type) {
        return scripts.evalShaAsync(
                Mode.READ_WRITE,
                request.script().sha(),
                type,
                request.all(),
                request.arguments().toArray());
    }

    static <R> CompletionStage<R> text(RScriptAsync scripts, Request request, ReturnType type) {
        return scripts.evalAsync(
                Mode.READ_WRITE,
                request.script().text(),
                type,
                request.all(),
                request.arguments().toArray());
    }
}
