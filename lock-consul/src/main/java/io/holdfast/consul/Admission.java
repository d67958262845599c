// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many contends of a session be on their way at a time. The others wait without a thread, so that thousands of them hold up
 * neither releases nor renewals. A place whose contend was not served rests for a while before the next one gets it: an agent that is
 * out of reach, or takes no more connections, is asked by all of a client's names together no more often than that. Thread-safe.
 */
final class Admission {
    private static final Duration REST = Duration.ofMillis(200);

    private final LockRuntime runtime;

    // Guarded by this.
    private final ArrayDeque<BooleanSupplier> waiting = new ArrayDeque<>();
    private int free;

    Admission(int places, LockRuntime runtime) {
        this.free = places;
        this.runtime = runtime;
    }

    /**
     * Runs a contend on this thread, or later on another one.
     *
     * @param contend says whether it was served
     */
    void admit(BooleanSupplier contend) {
        synchronized (this) {
            if (free == 0) {
                waiting.add(contend);
                return;
            }
            free--;
        }
        run(contend);
    }

    private void run(BooleanSupplier contend) {
        boolean served = true;
        try {
            served = contend.getAsBoolean();
        } finally {
            if (served) {
                next();
            } else {
                long rest = REST.toNanos();
                runtime.scheduler()
                        .schedule(this::next, rest + ThreadLocalRandom.current().nextLong(rest));
            }
        }
    }

    private void next() {
        @Nullable BooleanSupplier next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                free++;
                return;
            }
        }
        BooleanSupplier contend = next;
        runtime.executor().execute(() -> run(contend));
    }
}
