// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockException;
import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The line that shows on a terminal who holds the lock while the tool waits for it. On anything else it does nothing. */
final class WaitLine implements EventLoop.Ticker, AutoCloseable {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    private static final int WIDTH = 79;
    private static final long REPAINT_NANOS = Duration.ofSeconds(1).toNanos();

    /** One small request so often, and only while somebody looks. */
    private static final int REPAINTS_A_LOOK = 3;

    private final EventLoop loop;
    private final Report report;
    private final LockClient client;
    private final String name;
    private final boolean shown;

    private long dueAt;
    private int repaints;
    private boolean looking;
    private boolean closed;
    private @Nullable LockInfo info;

    WaitLine(EventLoop loop, Report report, LockClient client, String name) {
        this.loop = loop;
        this.report = report;
        this.client = client;
        this.name = name;
        this.shown = isShown(report);
        this.dueAt = System.nanoTime() + REPAINT_NANOS / 4;
    }

    /** Whether somebody looks at a line that comes and goes. */
    static boolean isShown(Report report) {
        return (report.style() == Report.Style.NORMAL || report.style() == Report.Style.VERBOSE) && isTerminal();
    }

    /** Java tells only of input and output together. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException noProc) {
            return false;
        }
    }

    @Override
    public long nextNanos(long now) {
        return shown ? Math.max(0, dueAt - now) : NONE.nextNanos(now);
    }

    @Override
    public void tick(long now) {
        if (shown && now - dueAt >= 0) {
            dueAt = now + REPAINT_NANOS;
            if (repaints++ % REPAINTS_A_LOOK == 0) {
                look();
            }
            paint();
        }
    }

    /** Asks the store on a thread of its own: the answer may take as long as an operation may. */
    private void look() {
        if (!looking) {
            looking = true;
            Thread thread = new Thread(
                    () -> {
                        LockInfo answer = ask();
                        loop.post(() -> {
                            looking = false;
                            info = answer;
                            paint();
                        });
                    },
                    "holdfast-look");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError noThread) { // what it would show is not worth the wait itself
                looking = false;
            }
        }
    }

    private @Nullable LockInfo ask() {
        try {
            return client.lock(name).inspect();
        } catch (LockException unreachable) {
            return null;
        }
    }

    private void paint() {
        if (!closed) {
            LockInfo known = info;
            String line = "holdfast: waiting for '" + LockNames.printable(name) + "'"
                    + (known == null ? "" : ", " + LockText.holder(known));
            report.show(line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…");
        }
    }

    @Override
    public void close() {
        closed = true;
        report.unshow();
    }
}
