// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is due at once on the thread that hands it in, and what comes later on one thread.
 *
 * <p>jetcd hands each request to an executor, which costs a change of threads, and each repetition after a pause. Sending a
 * request blocks nobody, so the caller can do it.
 */
final class OnCaller extends ScheduledThreadPoolExecutor {
    OnCaller(String threadName) {
        super(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        setRemoveOnCancelPolicy(true);
    }

    @Override
    public <V extends @Nullable Object> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        if (delay > 0 || isShutdown()) {
            return super.schedule(task, delay, unit);
        }
        Done<V> done = new Done<>();
        try {
            done.complete(task.call());
        } catch (Exception e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    /** What has run already. */
    private static final class Done<V extends @Nullable Object> extends CompletableFuture<V>
            implements ScheduledFuture<V> {
        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(0, other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
