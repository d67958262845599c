// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/**
 * Requests to a database, each on a connection of its own for as long as it takes, so many at a time. Thread-safe.
 *
 * <p>They run on threads of ours and never on the caller's: a data source that is bound to transactions hands a thread that is in one
 * the transaction's connection, where a lock's row would be seen by others at its end only, and a rollback would undo a grant. The
 * caller waits no longer than it said, whatever the driver does.
 */
final class Lanes implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Of an idle thread. */
    private static final long KEPT_SECONDS = 10;

    private final DataSource source;
    private final Failures failures;
    private final ThreadPoolExecutor threads;

    Lanes(DataSource source, Failures failures, int most) {
        this.source = source;
        this.failures = failures;
        this.threads = new ThreadPoolExecutor(
                most, most, KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Lanes::thread);
        threads.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "holdfast-jdbc-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /** Whether a request may have reached the database; decided once. */
    private enum Sending {
        NOT_YET,
        SENT,
        GIVEN_UP
    }

    /** What is asked of a connection in auto-commit mode. */
    @FunctionalInterface
    interface Step<T> {
        T ask(Connection connection) throws SQLException;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param what for messages: what is asked, and of which lock
     * @param limit how long it may take, the wait for a connection included
     * @throws LockException as {@link Failures} says
     */
    <T> T ask(String what, Duration limit, Step<T> step) {
        AtomicReference<Sending> sending = new AtomicReference<>(Sending.NOT_YET);
        FutureTask<T> task = new FutureTask<>(() -> onConnection(limit, sending, step));
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw failures.closed(what);
        }
        return await(what, limit, task, sending);
    }

    /** Not broken off by an interrupt: what was sent is waited for, and the caller hears of the interrupt after it. */
    private <T> T await(String what, Duration limit, FutureTask<T> task, AtomicReference<Sending> sending) {
        long end = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    // Not sent: it never will be, so it surely did nothing. Sent: it may have. It is not
                    // interrupted: some databases that run in this process close their files when they are.
                    task.cancel(false);
                    throw failures.late(what, limit, !sending.compareAndSet(Sending.NOT_YET, Sending.GIVEN_UP));
                } catch (ExecutionException e) {
                    throw failures.of(e.getCause(), what, sending.get() == Sending.SENT);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> T onConnection(Duration limit, AtomicReference<Sending> sending, Step<T> step) throws SQLException {
        try (Connection connection = source.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            if (!autoCommit) {
                connection.setAutoCommit(true);
            }
            int before = limited(connection, limit);
            try {
                // Races with who waits: it must not be sent once he was told that it surely did nothing.
                if (!sending.compareAndSet(Sending.NOT_YET, Sending.SENT)) {
                    throw new CancellationException("nobody waits for it any more");
                }
                return again(limit, connection, step);
            } finally {
                restore(connection, before, autoCommit);
            }
        }
    }

    /** What the database has rolled back to let another one on did nothing: it is sent again, within the time there is. */
    private <T> T again(Duration limit, Connection connection, Step<T> step) throws SQLException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return step.ask(connection);
            } catch (SQLException e) {
                if (!Failures.isRolledBackForAnother(e) || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    /** A driver that stops listening when nobody waits any more frees the thread. Not every one can. */
    private int limited(Connection connection, Duration limit) {
        try {
            int before = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, (int) Math.min(Integer.MAX_VALUE, limit.toMillis() + 1));
            return before;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return -1;
        }
    }

    private static void restore(Connection connection, int timeout, boolean autoCommit) {
        try {
            if (connection.isClosed()) {
                return;
            }
            if (timeout >= 0) {
                connection.setNetworkTimeout(Runnable::run, timeout);
            }
            if (!autoCommit) {
                connection.setAutoCommit(false);
            }
        } catch (SQLException e) {
            // A broken connection: its pool finds that out, and the request has said so.
            return;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
