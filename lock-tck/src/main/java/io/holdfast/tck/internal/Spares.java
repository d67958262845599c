// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Processes that a test is done with and another one may need: to start one costs more than all that a test does with it.
 *
 * <p>Each has closed its client. They end with this virtual machine, whose end ends their input. Thread-safe.
 */
final class Spares {
    static final Spares OF_THIS_JVM = new Spares();

    /** As many as a test needs beside each other. */
    private static final int MOST = 3;

    private final Deque<JavaProcess> idle = new ArrayDeque<>();

    private Spares() {}

    /** A process that obeys a {@link WitnessMain}'s commands, and has no client yet. */
    JavaProcess take(Duration patience) {
        JavaProcess spare = spare();
        return spare != null ? spare.within(patience) : JavaProcess.start(WitnessMain.class, patience, List.of());
    }

    private synchronized @Nullable JavaProcess spare() {
        while (!idle.isEmpty()) {
            JavaProcess next = idle.pop();
            if (next.isAlive()) {
                return next;
            }
        }
        return null;
    }

    /** Takes one back, unless it is dead, or does not close its client in time: that one is killed. */
    void giveBack(JavaProcess process, Duration patience) throws InterruptedException {
        boolean closed = process.isAlive() && process.within(patience).settle(WitnessMain.CLOSE, WitnessMain.CLOSED);
        if (!closed) {
            process.kill();
        } else if (!kept(process)) {
            process.close();
        }
    }

    private synchronized boolean kept(JavaProcess process) {
        if (idle.size() >= MOST) {
            return false;
        }
        idle.push(process);
        return true;
    }
}
