// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of renewals: a request for up to five hundred rows, which waits for none of them (rule KE-4). Thread-safe.
 *
 * <p>Rows that another transaction keeps locked are left out of it. A round asks for them again, with growing pauses, until they are free
 * or a later round asks for them: its answer is worth more, and this one's other rows have waited for long enough.
 */
final class Renewals {
    /** More than a statement's text should grow to; PostgreSQL takes 65,535 parameters. */
    private static final int AT_ONCE = 500;

    /** Statements of other clients have a row for about as long. */
    private static final long FIRST_PAUSE_NANOS = 2_000_000;

    /** The longest pause is this part of a lease. */
    private static final int PAUSES = 50;

    /** Of a lease: with less than this left of its half a round asks nothing more. */
    private static final int PART_FOR_AN_ANSWER = 10;

    private final Lanes lanes;
    private final Extension extension;
    private final AtomicLong rounds = new AtomicLong();

    /** By holder id: the last of the rounds that ask for its row again. */
    private final Map<String, Long> askedBy = new ConcurrentHashMap<>();

    private final CountDownLatch closed = new CountDownLatch(1);

    /** One request. */
    @FunctionalInterface
    interface Extension {
        /**
         * What extends rows by a lease, each while it is its holder's and has not expired.
         *
         * @param rows names by holder id
         * @return answers by holder id whether it was extended; a row that is locked is left out
         */
        Lane.Step<Map<String, Boolean>> of(Map<String, String> rows, Duration lease);
    }

    Renewals(Lanes lanes, Extension extension) {
        this.lanes = lanes;
        this.extension = extension;
    }

    /** As {@link io.holdfast.spi.LockTable#renewAll}. */
    Map<String, Boolean> renew(Map<String, String> names, Duration lease) {
        Round round = new Round(lease);
        round.ask(names);
        round.askAgain();
        boolean isKnownToDoNothing = !round.locked.isEmpty() && !(round.failed instanceof LockOutcomeUnknownException);
        if (round.failed != null && round.learned.isEmpty() && !isKnownToDoNothing) {
            throw round.failed;
        }
        return round.learned;
    }

    /** What a call learns by holder id, and what it knows of only that another one has it locked. */
    private final class Round {
        private final Long number = rounds.incrementAndGet();
        private final Duration lease;
        private final long end;
        private final Map<String, Boolean> learned = new HashMap<>();
        private final Map<String, String> locked = new LinkedHashMap<>();
        private @Nullable LockException failed;

        Round(Duration lease) {
            this.lease = lease;
            this.end = System.nanoTime() + lease.toNanos() / 2;
        }

        private long left() {
            return end - System.nanoTime();
        }

        void ask(Map<String, String> names) {
            List<String> holders = List.copyOf(names.keySet());
            for (int i = 0; i < holders.size(); i += AT_ONCE) {
                Map<String, String> some = new LinkedHashMap<>();
                holders.subList(i, Math.min(holders.size(), i + AT_ONCE))
                        .forEach(holder -> some.put(holder, names.get(holder)));
                try {
                    Duration limit = Duration.ofNanos(Math.max(1, left()));
                    learned.putAll(lanes.renew("renew", limit, extension.of(some, lease)));
                    locked.putAll(some);
                } catch (LockException e) { // the others are none the worse for it (rule KE-2)
                    failed = e;
                }
            }
            locked.keySet().removeAll(learned.keySet());
        }

        void askAgain() {
            if (failed != null) {
                return; // the next round asks for all
            }
            List<String> found = new ArrayList<>(locked.keySet());
            found.forEach(holder -> askedBy.merge(holder, number, Math::max));
            long pause = FIRST_PAUSE_NANOS;
            long enough = lease.toNanos() / PART_FOR_AN_ANSWER;
            while (failed == null && !locked.isEmpty() && left() - pause > enough && !isClosedWithin(pause)) {
                locked.keySet().removeIf(holder -> !number.equals(askedBy.get(holder)));
                ask(Map.copyOf(locked));
                pause = Math.max(pause, Math.min(pause * 2, lease.toNanos() / PAUSES));
            }
            found.forEach(holder -> askedBy.remove(holder, number));
        }
    }

    /** An interrupt is kept for whoever called: it ends no renewal (rule WA-14). */
    private boolean isClosedWithin(long nanos) {
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return closed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Nothing is asked again. */
    void close() {
        closed.countDown();
    }
}
