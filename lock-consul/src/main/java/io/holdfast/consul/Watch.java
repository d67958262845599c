// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Blocking queries, one after the other, on a thread that each occupies while it lasts. What they say is a hint, after which a consistent
 * answer decides, where it is not one itself; after an error, a restart or an election it looks anew, at random times, so that those who
 * lost their connections together do not come back together. Thread-safe.
 */
abstract class Watch implements Runnable {
    /** Between two looks of which the first was for nothing. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    final Agent agent;

    // Guarded by this.
    private Call call = new Call();
    private boolean stopped;

    private int failures;
    private boolean doubtful;

    Watch(Agent agent) {
        this.agent = agent;
    }

    /** What came of a query. */
    enum Step {
        /** Something happened: the next one at once. */
        AHEAD,
        /** Nothing happened, or nothing that matters. */
        PAUSE,
        /** There is nothing to wait for any more. */
        END
    }

    /** Whose time and threads it uses; null when there is nothing to wait for. */
    abstract @Nullable LockRuntime runtime();

    /**
     * Looks, or waits for something to look at.
     *
     * @param doubtful whether something may have been missed, so that it must look before it waits
     */
    abstract Step step(boolean doubtful, Asker asker);

    /** What comes after a query that failed, before which it looks. */
    Step failed() {
        return Step.PAUSE;
    }

    /** Nobody runs it any more: there is no thread for it. */
    abstract void refused();

    /** Lets the thread that waits go, now and for good. */
    void stop() {
        Call on;
        synchronized (this) {
            stopped = true;
            on = call;
        }
        on.breakOff("nobody waits any more");
    }

    private synchronized @Nullable Call next() {
        if (stopped) {
            return null;
        }
        call = new Call();
        return call;
    }

    /** Runs on a thread that may wait; never twice at a time. */
    @Override
    public void run() {
        while (true) {
            LockRuntime runtime = runtime();
            Call next = next();
            if (runtime == null || next == null) {
                return;
            }
            Step step;
            try {
                step = step(doubtful, agent.asker(runtime, next));
                doubtful = false;
                failures = 0;
            } catch (RuntimeException e) { // of whatever kind: nobody else looks for those who wait here
                doubtful = true;
                failures++;
                step = failed();
            }
            if (step == Step.END) {
                return;
            }
            if (step == Step.PAUSE) {
                Tasks.later(runtime, this, pause(), why -> refused());
                return;
            }
        }
    }

    /** Half fixed, half random. */
    private long pause() {
        long base = Math.min(LONGEST_PAUSE.toNanos(), PAUSE.toNanos() << Math.min(failures, 8));
        return base + ThreadLocalRandom.current().nextLong(base);
    }

    /** From where to wait on: an index that went back was another server's, or of data that is gone. */
    static long after(long index, long answered) {
        return answered < index ? 0 : Math.max(1, answered);
    }
}
