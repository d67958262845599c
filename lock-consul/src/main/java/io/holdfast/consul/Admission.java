// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
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
    private final ArrayDeque<Contend> waiting = new ArrayDeque<>();
    private int free;

    /** A request for a place in a line. */
    interface Contend {
        /** Sends it, and blocks. @return whether it was served */
        boolean send();

        /** It will not be sent. */
        void refused();
    }

    Admission(int places, LockRuntime runtime) {
        this.free = places;
        this.runtime = runtime;
    }

    /** Sends a contend on this thread, or later on another one. */
    void admit(Contend contend) {
        synchronized (this) {
            if (free == 0) {
                waiting.add(contend);
                return;
            }
            free--;
        }
        run(contend);
    }

    private void run(Contend contend) {
        boolean served = true;
        try {
            served = contend.send();
        } finally {
            if (served) {
                next();
            } else {
                long rest = REST.toNanos();
                Tasks.pause(
                        runtime, this::next, rest + ThreadLocalRandom.current().nextLong(rest), why -> next());
            }
        }
    }

    private void next() {
        @Nullable Contend next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                free++;
                return;
            }
        }
        Contend contend = next;
        Tasks.run(runtime, () -> run(contend), why -> refuse(contend));
    }

    /** There is no thread for it, nor for those behind it: they are told, and the place is free for who brings its own thread. */
    private void refuse(Contend first) {
        List<Contend> all = new ArrayList<>(List.of(first));
        synchronized (this) {
            all.addAll(waiting);
            waiting.clear();
            free++;
        }
        all.forEach(Contend::refused);
    }
}
