// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.spi.LockClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisClient;

/**
 * The connections on which one session's renewals go out, and nothing else: no request of the application goes before them, and a
 * connection that died without a word, or a server that is slow, delays one round and not the next (rules KE-1, KE-3).
 *
 * <p>A round whose predecessor has had no answer for a sixth of a lease goes out on a fresh connection; the older one stays until its
 * answer comes, or half a lease has passed. There are four at most, and one when all is well. Where none can be made, a round goes out
 * by Redisson's pool. Thread-safe; never blocks.
 */
final class RenewalConnections implements AutoCloseable {
    /** As many as come to be in half a lease, and one more. */
    private static final int MOST = 4;

    private static final int PATIENCE_SHARE = 6;

    /** A busy machine answers late too, and connections would make it busier: with short leases the patience is a larger share. */
    private static final long LEAST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int SHORT_LEASE_SHARE = 3;

    private final RedissonClient redisson;
    private final LockClock clock;
    private final long leaseNanos;
    private final long patience;
    private final Supplier<Flight> pool;

    /** The newest last. Guarded by this. */
    private final Deque<RenewalConnection> open = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean closed;

    /**
     * None yet.
     *
     * @param redisson whose server, credentials and TLS they use; lent or ours
     * @param pool a flight by Redisson's pool
     */
    RenewalConnections(RedissonClient redisson, LockClock clock, long leaseNanos, Supplier<Flight> pool) {
        this.redisson = redisson;
        this.clock = clock;
        this.leaseNanos = leaseNanos;
        this.patience = Math.max(leaseNanos / PATIENCE_SHARE, Math.min(leaseNanos / SHORT_LEASE_SHARE, LEAST_PATIENCE));
        this.pool = pool;
    }

    /** A flight on a connection that answers, as far as is known. */
    CompletionStage<Flight> next() {
        long now = clock.nanoTime();
        // Outside the lock: Redisson may have to connect for it.
        RedisClient master = redisson instanceof Redisson own ? RenewalConnection.masterOf(own) : null;
        List<RenewalConnection> leaving = new ArrayList<>();
        RenewalConnection chosen;
        boolean fresh;
        synchronized (this) {
            if (closed || !(redisson instanceof Redisson)) { // a lent client may be in a wrapper of somebody's
                return CompletableFuture.completedFuture(pool.get());
            }
            chosen = choose(now, master, leaving);
            fresh = chosen == null;
            if (chosen == null) {
                chosen = new RenewalConnection(now, master);
                open.addLast(chosen);
            }
        }
        leaving.forEach(RenewalConnection::close);
        if (fresh) {
            chosen.connect();
        }
        return chosen.flight(clock, pool);
    }

    /**
     * Takes out what is broken or leads to a former master, what is not needed any more, and what has not answered for half a lease.
     * Guarded by this.
     *
     * @return the newest that is not overdue; null when there is none
     */
    private @Nullable RenewalConnection choose(
            long now, @Nullable RedisClient master, List<RenewalConnection> leaving) {
        RenewalConnection chosen = null;
        for (Iterator<RenewalConnection> all = open.descendingIterator(); all.hasNext(); ) {
            RenewalConnection one = all.next();
            long waited = one.unansweredFor(now);
            boolean usable = !one.isBroken(master) && waited < patience;
            if (usable && chosen == null) {
                chosen = one;
            } else if (one.isBroken(master) || waited == 0 || waited > leaseNanos / 2) {
                all.remove();
                leaving.add(one);
            }
        }
        if (chosen == null && open.size() >= MOST) {
            leaving.add(open.removeFirst());
        }
        return chosen;
    }

    @Override
    public void close() {
        List<RenewalConnection> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(open);
            open.clear();
        }
        all.forEach(RenewalConnection::close);
    }
}
