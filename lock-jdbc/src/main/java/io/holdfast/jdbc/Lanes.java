// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The three ways to a database: what is held does not wait behind what is wanted (rule KE-3). Thread-safe.
 *
 * <p>Attempts and looks have so many connections at a time. A release has one of those too, or else one that they never have.
 * Renewals have their own, and a round that finds them all waiting for answers fails soon, for the next one to be newer: one that
 * stood in line would be sent when nobody waits for it any more, and keep a connection from those that come after.
 */
final class Lanes implements AutoCloseable {
    /** More than go out in half a lease, a tenth of it apart. One is enough while a database answers before the next one goes out. */
    static final int ROUNDS = 6;

    /** Of connections that renewals keep: one may wait for its answer when the next round goes out. */
    private static final int READY = 2;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Of an idle thread. */
    private static final Duration THREAD_KEPT = Duration.ofSeconds(10);

    private final Failures failures;
    private final ThreadPoolExecutor asking;
    private final ThreadPoolExecutor renewing;
    private final Semaphore rounds = new Semaphore(ROUNDS);
    private final @Nullable KeptConnections kept;
    private final Lane attempts;
    private final Lane releases;
    private final Lane renewals;

    /**
     * The ways to a database.
     *
     * @param source lends a connection for each request
     * @param own new connections, of which renewals keep some; null when those too are lent
     * @param most how many connections attempts and looks have at a time
     */
    Lanes(DataSource source, @Nullable DataSource own, Failures failures, int most) {
        this.failures = failures;
        Lane.Supply lent = lending(source);
        asking = new ThreadPoolExecutor(
                most + 1,
                most + 1,
                THREAD_KEPT.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Lanes::thread);
        asking.allowCoreThreadTimeOut(true);
        attempts = new Lane(lent, failures, new Narrow(asking, most));
        releases = new Lane(lent, failures, asking);
        kept = own == null ? null : new KeptConnections(own, READY);
        renewing = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                (kept == null ? THREAD_KEPT : KeptConnections.KEPT).toSeconds(),
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> thread(kept == null ? task : kept.during(task)));
        renewals = new Lane(kept == null ? lent : kept, failures, this::round);
    }

    private static Lane.Supply lending(DataSource source) {
        return new Lane.Supply() {
            @Override
            public <T> T use(Lane.Step<T> step) throws SQLException {
                try (Connection connection = source.getConnection()) {
                    return step.ask(connection);
                }
            }
        };
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "holdfast-jdbc-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /** Attempts, looks, and all else. */
    Lane attempts() {
        return attempts;
    }

    Lane releases() {
        return releases;
    }

    /**
     * Asks for a round of renewals, as {@link Lane#ask}. It must do no harm twice: it is asked of a second connection when the first is
     * dead.
     *
     * @throws LockException also when the rounds before it are still unanswered, after a tenth of its limit
     */
    <T> T renew(String what, Duration limit, Lane.Step<T> step) {
        if (!begins(limit.dividedBy(10))) {
            throw failures.crowded(what);
        }
        expectRenewals(READY);
        return renewals.ask(what, limit, step);
    }

    /** Why a renewal of one row has come to nothing. */
    LockException isLocked(String what) {
        return failures.locked(what);
    }

    private boolean begins(Duration limit) {
        try {
            return rounds.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void round(Runnable task) {
        try {
            renewing.execute(() -> {
                try {
                    task.run();
                } finally {
                    rounds.release();
                }
            });
        } catch (RejectedExecutionException e) {
            rounds.release();
            throw e;
        }
    }

    /** Has a connection opened for the renewals to come, where they have none: with a slow database that takes a good part of a lease. */
    void expectRenewals() {
        expectRenewals(1);
    }

    private void expectRenewals(int connections) {
        if (kept != null) {
            kept.fill(connections, renewing);
        }
    }

    @Override
    public void close() {
        asking.shutdownNow();
        renewing.shutdownNow();
        if (kept != null) {
            kept.close();
        }
    }
}
