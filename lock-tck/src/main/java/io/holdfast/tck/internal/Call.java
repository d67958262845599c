// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call on a thread of its own, which the test waits for with a bound: a lock that hangs must fail the test, not hang it.
 *
 * @param <T> what the call returns
 */
public final class Call<T extends @Nullable Object> {
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean looked;

    public Call(String name, Callable<T> body) {
        this(null, name, body);
    }

    /** A call of a test, whose threads are of one group; null for the caller's. */
    public Call(@Nullable ThreadGroup group, String name, Callable<T> body) {
        thread = new Thread(
                group,
                () -> {
                    try {
                        result.complete(body.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    public Thread thread() {
        return thread;
    }

    public boolean isDone() {
        return result.isDone();
    }

    /** What the call returned, or what it threw as the cause. */
    public T get(Duration limit) throws TimeoutException, ExecutionException, InterruptedException {
        looked = true;
        try {
            return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (CancellationException e) { // of a stage that somebody cancelled: what the call threw, like all else
            throw new ExecutionException(e);
        }
    }

    /** What the call threw although nobody looked at it, or null. */
    @Nullable
    Throwable unseenFailure() {
        return looked || !result.isDone()
                ? null
                : result.handle((value, failure) -> failure).join();
    }

    /** Ends the thread, as far as an interrupt does; returns a complaint when that does not end it. */
    @Nullable
    public Throwable end(Duration limit) throws InterruptedException {
        thread.interrupt();
        thread.join(limit.toMillis());
        return thread.isAlive()
                ? new AssertionError("thread " + thread.getName() + " did not end: still in "
                        + String.join(" < ", Frames.of(thread.getStackTrace())))
                : null;
    }
}
