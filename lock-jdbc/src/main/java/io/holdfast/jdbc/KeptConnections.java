// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Connections that are kept between requests, for as long as there are threads that ask. Thread-safe.
 *
 * <p>None is tried before it is used, as pools do: that is an answer more to wait for, and one that is given up after a quarter of a
 * second finds every connection to a slow database dead. Instead a request that meets a dead one is asked of a new one.
 */
final class KeptConnections implements Lane.Supply, AutoCloseable {
    /** Shorter than what firewalls forget without a word. */
    static final Duration KEPT = Duration.ofMinutes(1);

    private final DataSource source;
    private final int ready;

    /** In turn, so that each shows again and again whether it is alive. */
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

    private final Set<Connection> inUse = ConcurrentHashMap.newKeySet();
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicBoolean filling = new AtomicBoolean();

    /** When more than are to be ready were in use, last. */
    private volatile long crowded = System.nanoTime();

    private volatile boolean closed;

    /**
     * Keeps connections.
     *
     * @param source of new ones
     * @param ready how many are kept when they are enough
     */
    KeptConnections(DataSource source, int ready) {
        this.source = source;
        this.ready = ready;
    }

    /** What a thread does that asks; with the last one the connections end. */
    Runnable during(Runnable work) {
        return () -> {
            threads.incrementAndGet();
            try {
                work.run();
            } finally {
                if (threads.decrementAndGet() == 0) {
                    discardIdle();
                }
            }
        };
    }

    /** Has connections opened until there are so many, one after the other, and beside whatever is asked. */
    void fill(int most, Executor threads) {
        if (idle.size() + inUse.size() >= most || !filling.compareAndSet(false, true)) {
            return;
        }
        try {
            threads.execute(this::fillOne);
        } catch (RejectedExecutionException e) { // it is closed
            filling.set(false);
        }
    }

    private void fillOne() {
        try {
            giveBack(source.getConnection());
        } catch (Throwable e) { // a password file that cannot be read, whatever a driver throws (rule SP-7)
            return; // the request that needs one opens it, and says what is wrong
        } finally {
            filling.set(false);
        }
    }

    @Override
    public <T> T use(Lane.Step<T> step) throws SQLException {
        Connection kept = idle.pollFirst();
        if (kept != null) {
            try {
                return asked(kept, step);
            } catch (SQLException e) {
                if (Failures.isAnswer(e) || closed) {
                    throw e;
                }
            }
        }
        return asked(source.getConnection(), step);
    }

    private <T> T asked(Connection connection, Lane.Step<T> step) throws SQLException {
        inUse.add(connection);
        if (inUse.size() > ready) {
            crowded = System.nanoTime();
        }
        boolean good = false;
        try {
            T answer = step.ask(connection);
            good = true;
            return answer;
        } catch (SQLException e) {
            good = Failures.isAnswer(e);
            throw e;
        } catch (CancellationException e) { // nothing was asked
            good = true;
            throw e;
        } finally {
            inUse.remove(connection);
            if (good) {
                giveBack(connection);
            } else {
                discard(connection);
            }
        }
    }

    private void giveBack(Connection connection) {
        boolean tooMany = idle.size() >= ready && System.nanoTime() - crowded > KEPT.toNanos();
        if (tooMany || closed) {
            discard(connection);
            return;
        }
        idle.addLast(connection);
        if (closed) { // meanwhile
            discardIdle();
        }
    }

    private void discardIdle() {
        for (Connection next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
            discard(next);
        }
    }

    private static void discard(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            return; // it was dead
        }
    }

    /** Breaks off what is asked. */
    @Override
    public void close() {
        closed = true;
        discardIdle();
        inUse.forEach(KeptConnections::abort);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            return; // it was dead
        }
    }
}
