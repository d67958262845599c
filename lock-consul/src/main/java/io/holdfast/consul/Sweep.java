// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.consul.Agent.Asker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Removes what clients left that died, of names that nobody asks for any more, too (rule LK-1). The key of a dead session tells
 * that there is something; it is taken over by the session that looks, so that one client looks and not all, and goes last: when
 * that client dies, too, the next one looks. Thread-safe.
 */
final class Sweep {
    private static final String WHAT = "remove the dead";

    private final ConsulSession session;

    /** Calls of {@link #begin} that no sweep has begun after. */
    private final AtomicInteger asked = new AtomicInteger();

    /** Done when no sweep is under way. */
    private volatile CompletableFuture<@Nullable Void> ended = CompletableFuture.completedFuture(null);

    private volatile boolean finished;

    /** What it has taken tells nobody any more that there is something: it has to go on by itself. */
    private final AtomicBoolean failed = new AtomicBoolean();

    Sweep(ConsulSession session) {
        this.session = session;
    }

    /**
     * In the background, and once more where one is under way: that may have looked too early, and what it left to tell the next one
     * would wait for the next client.
     */
    void begin() {
        if (!finished && asked.getAndIncrement() == 0) {
            CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
            ended = end;
            boolean begun = false;
            try {
                session.execute(() -> run(end));
                begun = true;
            } finally {
                if (!begun) { // refused by an executor that is not ours
                    asked.set(0);
                    end.complete(null);
                }
            }
        }
    }

    /**
     * Begins no more, and waits for one that is under way: the end of its session would break it off, and what it has taken over would tell
     * the next client of nothing. It looks at the store a few times, each within the time for a request.
     *
     * @param limit how long it waits at most
     */
    void finish(Duration limit) {
        finished = true;
        try {
            ended.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Consul does not answer: the end of the session will not be heard either.
        }
    }

    /** A renewal was answered: what has failed before is begun again. */
    void goOn() {
        if (failed.compareAndSet(true, false)) {
            begin();
        }
    }

    private void run(CompletableFuture<@Nullable Void> end) {
        boolean done = false;
        try {
            int seen;
            do {
                seen = asked.get();
                sweep();
            } while (!asked.compareAndSet(seen, 0));
            done = true;
        } catch (LockException e) {
            // Said by what the engine asks for; the next renewal that is answered begins it anew.
        } finally {
            if (!done) {
                asked.set(0);
                failed.set(true); // after that: a renewal that sees it before would ask the sweep that ends here
            }
            end.complete(null);
        }
    }

    private void sweep() {
        Asker asker = session.asker();
        List<KeyEntry> shown = session.agent().entries(session.keys().sessions(), WHAT, asker);
        List<KeyEntry> taken = new ArrayList<>(takenBefore(shown));
        for (KeyEntry dead : dead(shown, session.keys())) {
            if (!session.keys().isSession(dead)) {
                session.agent().transact(new Txn().delete(dead.key(), dead.modified()), WHAT, asker);
                continue;
            }
            Txn txn = new Txn().checkIndex(dead.key(), dead.modified()).lock(dead.key(), session.id(), dead.value());
            if (session.agent().transact(txn, WHAT, asker).done()) {
                taken.add(dead);
            }
        }
        if (!taken.isEmpty()) {
            clear(session.survey().entries(WHAT, session::asker));
            List<KeyEntry> left = session.survey().entries(WHAT, session::asker);
            taken.forEach(key -> settle(key, left));
        }
    }

    /** By a sweep of this session that failed, or whose answer was lost. */
    private List<KeyEntry> takenBefore(List<KeyEntry> shown) {
        return shown.stream()
                .filter(session.keys()::isSession)
                .filter(entry -> entry.session().equals(session.id()))
                .filter(entry -> !entry.key().equals(session.own().key()))
                .toList();
    }

    /** Where the dead one may still hold, its key goes on to tell so. */
    private void settle(KeyEntry key, List<KeyEntry> left) {
        String id = key.key().substring(session.keys().sessions().length());
        String contenders = "/" + id + "-";
        boolean isOver = left.stream()
                .noneMatch(entry -> entry.mark().isPresent() && entry.key().contains(contenders));
        Txn txn = isOver
                ? new Txn().deleteAll(key.key()) // with the journal and the lanes, which are called so and more
                : new Txn().unlock(key.key(), session.id(), key.value());
        session.agent().transact(txn, WHAT, session.asker());
    }

    private void clear(List<KeyEntry> all) {
        Map<String, List<KeyEntry>> names = new HashMap<>();
        for (KeyEntry entry : all) {
            session.keys().name(entry.key()).ifPresent(name -> names.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(entry));
        }
        names.forEach((name, entries) -> {
            if (hasDead(Line.of(entries, session.keys().line(name)))) {
                // What was read in pieces is of no one instant, and who stands behind whom decides how long the dead
                // one may still hold.
                Line line = session.line(name, session.asker());
                session.deaths().clear(line.entries(), session.lease(), session.asker());
            }
        });
    }

    private static boolean hasDead(Line line) {
        return line.entries().stream().anyMatch(KeyEntry::isDead);
    }

    /** The keys of sessions that ended without their doing, and journals and lanes whose session's key is gone. */
    static List<KeyEntry> dead(List<KeyEntry> shown, LockKeys keys) {
        Set<String> all = shown.stream().map(KeyEntry::key).collect(Collectors.toSet());
        return shown.stream()
                .filter(KeyEntry::isDead)
                .filter(entry -> keys.isSession(entry)
                        || keys.sessionBeside(entry.key())
                                .filter(key -> !all.contains(key))
                                .isPresent())
                .toList();
    }
}
