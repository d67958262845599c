// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Undoes contends whose answer never came, so that a copy which Consul carries out later creates nothing (rule UO-2): every
 * contend of a session compares the index of the session's own key, and an undo writes that key while it deletes what the contend
 * may have made. Other contends that are on their way are refused by it, too, and are sent again.
 *
 * <p>One transaction at a time, for all that wait for one. Thread-safe.
 */
final class Undoing {
    /** Two operations each, beside the comparison and the write. */
    private static final int MOST = (Txn.LIMIT - 2) / 2;

    /** How often another write of the session's key may come in between. */
    private static final int ATTEMPTS = 5;

    private final ConsulSession session;

    // Guarded by this.
    private final ArrayDeque<Undo> waiting = new ArrayDeque<>();
    private boolean running;

    private final AtomicLong written = new AtomicLong();

    private record Undo(String key, OwnKey lane, CompletableFuture<@Nullable Void> done) {}

    Undoing(ConsulSession session) {
        this.session = session;
    }

    /**
     * Undoes a contend.
     *
     * @param key its contender's
     * @param lane its own; whether it has written it is not known, and its index is, afterwards
     * @return completes when no copy of it can create the key any more, and the key is gone
     */
    CompletableFuture<@Nullable Void> undo(String key, OwnKey lane) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        synchronized (this) {
            waiting.add(new Undo(key, lane, done));
            if (running) {
                return done;
            }
            running = true;
        }
        try {
            session.execute(this::run);
        } catch (RuntimeException | Error e) { // refused by an executor that is not ours: the engine asks again
            refused(session.failures().known(e));
        }
        return done;
    }

    /** Nothing runs: whoever waits asks anew, and the first one that does begins it again. */
    private void refused(LockException why) {
        List<Undo> all;
        synchronized (this) {
            running = false;
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(undo -> undo.done().completeExceptionally(why));
    }

    private void run() {
        for (List<Undo> batch = next(); !batch.isEmpty(); batch = next()) {
            LockException failure = null;
            try {
                send(batch);
            } catch (RuntimeException | Error e) { // whatever it is: this runs for all later undos, too
                failure = session.failures().known(e);
            }
            for (Undo undo : batch) {
                if (failure == null) {
                    undo.done().complete(null);
                } else {
                    undo.done().completeExceptionally(failure);
                }
            }
        }
    }

    private synchronized List<Undo> next() {
        List<Undo> batch = new ArrayList<>();
        while (batch.size() < MOST && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        running = !batch.isEmpty();
        return batch;
    }

    private void send(List<Undo> batch) {
        Agent.Asker asker = session.asker();
        OwnKeys own = session.own();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            // Another value each time: Consul leaves a key at its index when the same is written again.
            String text = "undo " + written.incrementAndGet();
            Txn txn = own.guarded().lock(own.key(), session.id(), text);
            batch.forEach(undo -> txn.delete(undo.key()).lock(undo.lane().key(), session.id(), text));
            Txn.Outcome outcome = session.agent().transact(txn, "undo", asker);
            if (outcome.done()) {
                // The comparison shows the key as it was, the write as it is.
                own.guardedBy(outcome.entries());
                batch.forEach(undo -> undo.lane().told(outcome.entries()));
                return;
            }
            if (session.isDead(outcome)) {
                // A contend of a session that is gone creates nothing. What it had is still there.
                Txn deletions = new Txn();
                batch.forEach(undo -> deletions.delete(undo.key()));
                session.agent().transact(deletions, "undo", asker);
                return;
            }
            own.readGuard(asker);
        }
        throw session.failures().unavailable("undo", "the session's key is written by somebody else");
    }
}
