// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stage that is asked before its result goes anywhere: before a function that was made to depend on it begins, and before a caller
 * gets it. {@code CompletableFuture} itself tells nobody: a function that never began, since its own stage was completed by
 * somebody else, looks like one that has the result.
 */
abstract class TakenStage<T extends @Nullable Object> extends CompletableFuture<T> {
    /**
     * Whether a value may go on. Called at each use, by any thread.
     *
     * @param value of this stage, or of another one when either of two is waited for
     */
    abstract boolean take(@Nullable Object value);

    /** The same for what runs after this stage, or after either of two, without its value. */
    abstract boolean takeUnseen();

    private <V extends @Nullable Object> V taken(V value) {
        if (!take(value)) {
            throw gone();
        }
        return value;
    }

    static CancellationException gone() {
        return new CancellationException("every stage that was made of this one had ended without its result");
    }

    private <V extends @Nullable Object, U extends @Nullable Object> Function<V, U> applied(
            Function<? super V, ? extends U> function) {
        Objects.requireNonNull(function);
        return value -> function.apply(taken(value));
    }

    private <V extends @Nullable Object> Consumer<V> accepted(Consumer<? super V> action) {
        Objects.requireNonNull(action);
        return value -> action.accept(taken(value));
    }

    private Runnable ran(Runnable action) {
        Objects.requireNonNull(action);
        return () -> {
            if (!takeUnseen()) {
                throw gone();
            }
            action.run();
        };
    }

    private <U extends @Nullable Object, V extends @Nullable Object> BiFunction<T, U, V> combined(
            BiFunction<? super T, ? super U, ? extends V> function) {
        Objects.requireNonNull(function);
        return (value, other) -> function.apply(taken(value), other);
    }

    private <U extends @Nullable Object> BiConsumer<T, U> acceptedBoth(BiConsumer<? super T, ? super U> action) {
        Objects.requireNonNull(action);
        return (value, other) -> action.accept(taken(value), other);
    }

    private <U extends @Nullable Object> BiFunction<T, @Nullable Throwable, U> handled(
            BiFunction<? super T, @Nullable Throwable, ? extends U> function) {
        Objects.requireNonNull(function);
        return (value, failure) -> function.apply(failure == null ? taken(value) : value, failure);
    }

    private BiConsumer<T, @Nullable Throwable> watched(BiConsumer<? super T, ? super @Nullable Throwable> action) {
        Objects.requireNonNull(action);
        return (value, failure) -> action.accept(failure == null ? taken(value) : value, failure);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        return taken(super.get());
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        return taken(super.get(timeout, unit));
    }

    @Override
    public T join() {
        return taken(super.join());
    }

    @Override
    public T getNow(T valueIfAbsent) {
        return taken(super.getNow(valueIfAbsent));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenApply(Function<? super T, ? extends U> action) {
        return super.thenApply(applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenApplyAsync(Function<? super T, ? extends U> action) {
        return super.thenApplyAsync(applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenApplyAsync(
            Function<? super T, ? extends U> action, Executor executor) {
        return super.thenApplyAsync(applied(action), executor);
    }

    @Override
    public CompletableFuture<@Nullable Void> thenAccept(Consumer<? super T> action) {
        return super.thenAccept(accepted(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenAcceptAsync(Consumer<? super T> action) {
        return super.thenAcceptAsync(accepted(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenAcceptAsync(Consumer<? super T> action, Executor executor) {
        return super.thenAcceptAsync(accepted(action), executor);
    }

    @Override
    public CompletableFuture<@Nullable Void> thenRun(Runnable action) {
        return super.thenRun(ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenRunAsync(Runnable action) {
        return super.thenRunAsync(ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenRunAsync(Runnable action, Executor executor) {
        return super.thenRunAsync(ran(action), executor);
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenCompose(
            Function<? super T, ? extends CompletionStage<U>> action) {
        return super.thenCompose(applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> action) {
        return super.thenComposeAsync(applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> action, Executor executor) {
        return super.thenComposeAsync(applied(action), executor);
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> handle(
            BiFunction<? super T, @Nullable Throwable, ? extends U> action) {
        return super.handle(handled(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> handleAsync(
            BiFunction<? super T, @Nullable Throwable, ? extends U> action) {
        return super.handleAsync(handled(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> handleAsync(
            BiFunction<? super T, @Nullable Throwable, ? extends U> action, Executor executor) {
        return super.handleAsync(handled(action), executor);
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super @Nullable Throwable> action) {
        return super.whenComplete(watched(action));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(BiConsumer<? super T, ? super @Nullable Throwable> action) {
        return super.whenCompleteAsync(watched(action));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(
            BiConsumer<? super T, ? super @Nullable Throwable> action, Executor executor) {
        return super.whenCompleteAsync(watched(action), executor);
    }

    @Override
    public <U extends @Nullable Object, V extends @Nullable Object> CompletableFuture<V> thenCombine(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> action) {
        return super.thenCombine(other, combined(action));
    }

    @Override
    public <U extends @Nullable Object, V extends @Nullable Object> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> action) {
        return super.thenCombineAsync(other, combined(action));
    }

    @Override
    public <U extends @Nullable Object, V extends @Nullable Object> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other,
            BiFunction<? super T, ? super U, ? extends V> action,
            Executor executor) {
        return super.thenCombineAsync(other, combined(action), executor);
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<@Nullable Void> thenAcceptBoth(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBoth(other, acceptedBoth(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<@Nullable Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBothAsync(other, acceptedBoth(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<@Nullable Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action, Executor executor) {
        return super.thenAcceptBothAsync(other, acceptedBoth(action), executor);
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterBoth(CompletionStage<?> other, Runnable action) {
        return super.runAfterBoth(other, ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterBothAsync(CompletionStage<?> other, Runnable action) {
        return super.runAfterBothAsync(other, ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterBothAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        return super.runAfterBothAsync(other, ran(action), executor);
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> applyToEither(
            CompletionStage<? extends T> other, Function<? super T, U> action) {
        return super.applyToEither(other, applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> action) {
        return super.applyToEitherAsync(other, applied(action));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> action, Executor executor) {
        return super.applyToEitherAsync(other, applied(action), executor);
    }

    @Override
    public CompletableFuture<@Nullable Void> acceptEither(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEither(other, accepted(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEitherAsync(other, accepted(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
        return super.acceptEitherAsync(other, accepted(action), executor);
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterEither(CompletionStage<?> other, Runnable action) {
        return super.runAfterEither(other, ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action) {
        return super.runAfterEitherAsync(other, ran(action));
    }

    @Override
    public CompletableFuture<@Nullable Void> runAfterEitherAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        return super.runAfterEitherAsync(other, ran(action), executor);
    }
}
