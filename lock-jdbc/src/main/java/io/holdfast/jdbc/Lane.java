// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Requests to a database that have a connection and a thread of ours each for as long as they take. Thread-safe.
 *
 * <p>They never run on the caller's thread: a data source that is bound to transactions hands a thread that is in one the
 * transaction's connection, where a lock's row would be seen by others at its end only, and a rollback would undo a grant. The
 * caller waits no longer than it said, whatever the driver does.
 */
final class Lane {
    private final Supply supply;
    private final Failures failures;
    private final Executor threads;

    /**
     * A lane.
     *
     * @param supply of connections
     * @param threads ours; how many there are, and who waits for one, is theirs to say
     */
    Lane(Supply supply, Failures failures, Executor threads) {
        this.supply = supply;
        this.failures = failures;
        this.threads = threads;
    }

    /** Where connections are had from. */
    @FunctionalInterface
    interface Supply {
        /** Has a step asked of a connection; if it says so, of a second one when the first was dead. */
        <T> T use(Step<T> step) throws SQLException;
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
        FutureTask<T> task = new FutureTask<>(() -> supply.use(using(limit, sending, step)));
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw failures.closed(what);
        }
        return await(what, limit, task, sending);
    }

    /** Asks, and leaves it at that: what nobody waits for, and may fail. */
    void tell(Duration limit, Step<?> step) {
        AtomicReference<Sending> sending = new AtomicReference<>(Sending.NOT_YET);
        try {
            threads.execute(new FutureTask<>(() -> supply.use(using(limit, sending, step))));
        } catch (RejectedExecutionException closed) {
            return; // as it may
        }
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
                    throw failures.late(what, limit, sending.getAndSet(Sending.GIVEN_UP) == Sending.SENT);
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

    private <T> Step<T> using(Duration limit, AtomicReference<Sending> sending, Step<T> step) {
        return connection -> {
            boolean autoCommit = connection.getAutoCommit();
            if (!autoCommit) {
                connection.setAutoCommit(true);
            }
            int before = limited(connection, limit);
            try {
                // Races with who waits: it must not be sent once he was told that it surely did nothing.
                if (sending.updateAndGet(was -> was == Sending.NOT_YET ? Sending.SENT : was) != Sending.SENT) {
                    throw new CancellationException("nobody waits for it any more");
                }
                return again(limit, connection, step);
            } finally {
                restore(connection, before, autoCommit);
            }
        };
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
}
