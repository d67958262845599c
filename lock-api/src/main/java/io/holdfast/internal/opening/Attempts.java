// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.opening;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.internal.context.Durations;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens again and again what fails for a reason that may pass, until {@code connect-timeout} has passed (rule OP-1). Each try begins
 * with nothing, and leaves nothing when it fails.
 */
final class Attempts {
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final LockRuntime runtime;
    private final Duration limit;
    private final long leastNanos;
    private long begun;

    private int tries;
    private long pause = FIRST_PAUSE;

    /**
     * Begins to count the time.
     *
     * @param limit of all tries, the {@code connect-timeout}
     * @param least what the session of a try may take, when making its backend has taken nearly all of the time
     */
    Attempts(LockRuntime runtime, Duration limit, Duration least) {
        this.runtime = runtime;
        this.limit = limit;
        this.leastNanos = Math.min(Durations.saturatedNanos(least), Durations.saturatedNanos(limit));
        this.begun = runtime.clock().nanoTime();
    }

    /** One try; it asks {@link #forSession} when it comes to that. */
    @FunctionalInterface
    interface Attempt {
        LockClient open();
    }

    private long left() {
        return Durations.saturatedNanos(limit) - (runtime.clock().nanoTime() - begun);
    }

    /**
     * How long the session of the try that is under way may take to open. Making the first backend is not counted: it loads classes,
     * which takes seconds on a busy machine, and asks the store for nothing, or has just been answered.
     */
    Duration forSession() {
        if (tries == 1) {
            begun = runtime.clock().nanoTime();
        }
        return Duration.ofNanos(Math.max(left(), leastNanos));
    }

    boolean isFirst() {
        return tries == 1;
    }

    /**
     * The settings for the next backend. After the first try it has the time that is left to connect, so that the last one ends near the
     * end; but no less than a request has, since it goes on to connect by what it is told now.
     */
    LockConfig within(LockConfig config) {
        if (isFirst() || Durations.saturatedNanos(limit) <= leastNanos) {
            return config;
        }
        return config.withConnectTimeout(
                Duration.ofNanos(Math.max(left(), leastNanos)).plusMillis(1).truncatedTo(ChronoUnit.MILLIS));
    }

    LockClient until(Attempt attempt) {
        @Nullable RuntimeException known = null;
        while (true) {
            tries++;
            try {
                return attempt.open();
            } catch (LockUnavailableException | LockOutcomeUnknownException mayPass) {
                // A try that the end of the time cut short learned nothing: the one before it knows why.
                RuntimeException why = known != null && left() <= 0 ? known : mayPass;
                known = why;
                if (left() <= FIRST_PAUSE) {
                    throw told(why, " (connect-timeout is " + DurationFormat.show(limit) + ")");
                }
                pause(why);
            }
        }
    }

    /** Half fixed, half random: clients that failed together must not come back together. */
    private void pause(RuntimeException why) {
        CountDownLatch over = new CountDownLatch(1);
        long most = Math.min(pause, left() / 2); // the last tries come closer, so that all of the time is used
        long nanos = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
        var timer = runtime.scheduler().schedule(over::countDown, nanos);
        try {
            over.await();
        } catch (InterruptedException e) {
            timer.cancel();
            Thread.currentThread().interrupt();
            throw told(why, ", the thread was interrupted");
        }
        pause = Math.min(2 * pause, LONGEST_PAUSE);
    }

    private LockUnavailableException told(RuntimeException why, String end) {
        String said = why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
        Duration took = Duration.ofNanos(runtime.clock().nanoTime() - begun).truncatedTo(ChronoUnit.MILLIS);
        return new LockUnavailableException(
                said + "; gave up after " + (tries == 1 ? "one try" : tries + " tries") + " in "
                        + DurationFormat.show(took) + end,
                why);
    }
}
