// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import io.holdfast.LockClient;
import io.holdfast.LockClosedException;
import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.LockLostException;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.witness.Event.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client that takes a lock again and again, does read, sleep, write on a counter under it, and writes down what it sees.
 *
 * <p>It takes no part in judging: the {@link Checker} reads the journal.
 */
public final class Witness implements Callable<Integer>, LockListener {
    private final LockClient client;
    private final Task task;
    private final Journal journal;
    private final GuardedCounter counter;
    private final Random random;

    /** The store acknowledges a place once an attempt, and events come in order: this tells which attempt it was. */
    private final AtomicInteger acquiredHeard = new AtomicInteger();

    private volatile boolean stopped;

    /**
     * What a witness is to do.
     *
     * @param id its name in the journal, without spaces
     * @param lock the name of the lock
     * @param journal the file of the history
     * @param counter the file of the counter
     * @param guarded whether the counter refuses old tokens
     * @param stays in the critical section
     * @param rounds how many attempts, unless it is stopped before
     * @param seed of its random stays
     */
    public record Task(
            String id, String lock, Path journal, Path counter, boolean guarded, Stays stays, int rounds, long seed) {}

    /**
     * How long a witness stays, at random.
     *
     * @param oneIn one stay in so many takes time at all: a large number for the sake of many hand-overs, 1 where each should be
     *     long enough for somebody to come who has no right to
     * @param longest how long
     */
    public record Stays(int oneIn, Duration longest) {}

    public Witness(LockClient client, Task task) throws IOException {
        this.client = client;
        this.task = task;
        this.journal = new Journal(task.journal());
        this.counter = new GuardedCounter(task.counter(), task.guarded());
        this.random = new Random(task.seed());
    }

    /** Ends the loop after the present attempt. */
    public void stop() {
        stopped = true;
    }

    @Override
    public void contended(String name) {
        journal.write(
                task.id(),
                Kind.IN_LINE,
                acquiredHeard.get() + 1,
                0,
                client.metrics().sessions());
    }

    @Override
    public void acquired(String name, long fencingToken) {
        acquiredHeard.incrementAndGet();
    }

    /** Runs the loop; how many times it held. */
    @Override
    public Integer call() throws InterruptedException, IOException {
        client.addListener(this);
        int attempt = 0;
        try {
            while (!stopped && attempt < task.rounds()) {
                attempt++;
                journal.write(task.id(), Kind.ASKED, attempt, 0, 0);
                try (LockHandle hold = client.acquire(task.lock())) {
                    visit(attempt, hold);
                } catch (LockLostException e) { // between its last look and its release (rule LO-8)
                    journal.write(task.id(), Kind.LOST, attempt, 0, 0);
                }
            }
        } catch (LockClosedException e) {
            if (!stopped) {
                throw e;
            }
        } finally {
            client.removeListener(this);
            journal.close();
        }
        return attempt;
    }

    private void visit(int attempt, LockHandle hold) throws InterruptedException, IOException {
        long token = hold.fencingToken();
        journal.write(task.id(), Kind.HELD, attempt, token, client.metrics().sessions());
        OptionalLong read = valid(attempt, hold) ? counter.read(token) : OptionalLong.empty();
        if (read.isPresent()) {
            journal.write(task.id(), Kind.READ, attempt, token, read.getAsLong());
            stay();
            long next = read.getAsLong() + 1;
            if (valid(attempt, hold) && counter.write(token, next)) {
                journal.write(task.id(), Kind.WROTE, attempt, token, next);
                valid(attempt, hold);
            }
        }
        journal.write(task.id(), Kind.LEFT, attempt, token, 0);
    }

    private void stay() throws InterruptedException {
        if (random.nextInt(task.stays().oneIn()) == 0) {
            Await.pass(Duration.ofNanos(
                    (long) (random.nextDouble() * task.stays().longest().toNanos())));
        }
    }

    private boolean valid(int attempt, LockHandle hold) {
        long before = System.nanoTime();
        if (hold.isValid()) {
            // Valid at some moment not before this one: the earlier time keeps the checker from seeing too much.
            journal.write(new Event(before, task.id(), Kind.VALID, attempt, hold.fencingToken(), 0));
            return true;
        }
        journal.write(task.id(), Kind.LOST, attempt, hold.fencingToken(), 0);
        return false;
    }
}
