// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Runs on one thread what others hand in, in order. */
final class EventLoop {
    private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();

    /** Hands an event in, from any thread. */
    void post(Runnable event) {
        events.add(event);
    }

    /**
     * Runs events until a condition holds, looked at after each of them and each time the ticker is due.
     *
     * @param done the condition
     * @param ticker what wants to be called by the clock
     */
    void run(BooleanSupplier done, Ticker ticker) throws InterruptedException {
        while (!done.getAsBoolean()) {
            Runnable event = events.poll(ticker.nextNanos(System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event != null) {
                event.run();
            }
            ticker.tick(System.nanoTime());
        }
    }

    /** Runs events until a stage is done or a condition holds. */
    void runUntilDone(CompletableFuture<?> stage, BooleanSupplier orElse, Ticker ticker) throws InterruptedException {
        stage.whenComplete((value, failure) -> post(() -> {}));
        run(() -> stage.isDone() || orElse.getAsBoolean(), ticker);
    }

    /** Runs what was handed in before this call. */
    void drain() {
        for (int n = events.size(); n > 0; n--) {
            Runnable event = events.poll();
            if (event != null) {
                event.run();
            }
        }
    }

    /** Something that has to be called by the clock; times are monotonic nanoseconds. */
    interface Ticker {
        /** Nothing to do. */
        Ticker NONE = new Ticker() {
            @Override
            public long nextNanos(long now) {
                return TimeUnit.MINUTES.toNanos(1);
            }

            @Override
            public void tick(long now) {}
        };

        /** How long until {@link #tick} is due. */
        long nextNanos(long now);

        /** Does what is due; may be called earlier. */
        void tick(long now);
    }
}
