// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a proxy: it owns every socket and all state, and everything else is a call that it carries out.
 *
 * <p>That makes a fault exact: when the call that sets it returns, nothing passes any more that it forbids.
 */
final class ProxyLoop {
    private final Selector selector;
    private final Links links;
    private final Thread thread;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(64 << 10);
    private final List<Timer> timers = new ArrayList<>();
    private boolean stopping;

    private final Object lock = new Object();
    /** Guarded by the lock: no call may be added once the loop has ended, for nobody would answer it. */
    private final List<Call<?>> calls = new ArrayList<>();
    /** Guarded by the lock: why the loop ended. */
    private @Nullable Throwable ended;

    ProxyLoop(Selector selector, Links links, String name) {
        this.selector = selector;
        this.links = links;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Lets the loop's thread do something, and waits until its effect can be seen from outside. */
    void call(Runnable action) {
        ask(() -> {
            action.run();
            return true;
        });
    }

    <T> T ask(Supplier<T> question) {
        if (Thread.currentThread() == thread) {
            return question.get();
        }
        Call<T> call = new Call<>(question);
        if (!offer(call)) {
            throw new IllegalStateException(thread.getName() + " is closed");
        }
        try {
            return call.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(thread.getName() + " failed: " + e.getCause(), e.getCause());
        }
    }

    private boolean offer(Call<?> call) {
        synchronized (lock) {
            if (ended != null) {
                return false;
            }
            calls.add(call);
            selector.wakeup();
            return true;
        }
    }

    /** Runs an action after a delay, on the loop's thread, unless the future is done by then. Only from that thread. */
    void later(Duration delay, Future<?> unless, Runnable action) {
        timers.add(new Timer(System.nanoTime() + delay.toNanos(), unless, action));
    }

    /**
     * Ends the thread and closes every socket. Idempotent.
     *
     * @return what ended the loop before, if it was not a call to this method
     */
    @Nullable
    Throwable close() {
        offer(new Call<>(() -> stopping = true));
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (lock) {
            return ended instanceof Closed ? null : ended;
        }
    }

    private void run() {
        Throwable end = new Closed();
        try {
            long wait = Long.MAX_VALUE;
            while (!stopping) {
                // Rounded up, so that nothing is delivered early; zero would mean for ever.
                selector.select(wait == Long.MAX_VALUE ? 0 : Math.max(0, wait) / 1_000_000 + 1);
                wait = turn();
            }
        } catch (IOException | RuntimeException | Error e) {
            end = e;
        }
        end(end);
    }

    /** One turn: what is ready, what is due, what was called for; returns nanoseconds until more is due. */
    private long turn() throws IOException {
        long now = System.nanoTime();
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Link link) {
                link.ready(key, scratch, now);
            } else if (key.isValid() && key.isAcceptable()) {
                links.accept((ServerSocketChannel) key.channel(), now);
            }
        }
        selector.selectedKeys().clear();
        List<Call<?>> done = takeCalls();
        done.forEach(Call::run);
        // After the calls, which may have set timers.
        long timer = runTimers(System.nanoTime());
        long wait = Math.min(timer, links.pump(now));
        if (!done.isEmpty()) {
            // The kernel closes a registered channel only when the selector lets it go: before the callers go on.
            selector.selectNow();
            done.forEach(Call::complete);
        }
        return wait;
    }

    private List<Call<?>> takeCalls() {
        synchronized (lock) {
            List<Call<?>> taken = List.copyOf(calls);
            calls.clear();
            return taken;
        }
    }

    private long runTimers(long now) {
        List<Timer> due = timers.stream().filter(timer -> timer.at - now <= 0).toList();
        timers.removeAll(due);
        due.stream().filter(timer -> !timer.unless.isDone()).forEach(timer -> timer.action.run());
        timers.removeIf(timer -> timer.unless.isDone());
        return timers.stream().mapToLong(timer -> timer.at - now).min().orElse(Long.MAX_VALUE);
    }

    private void end(Throwable end) {
        Throwable why = end;
        try {
            links.close();
            selector.close();
        } catch (IOException | UncheckedIOException e) {
            why = why instanceof Closed ? e : why;
        }
        synchronized (lock) {
            ended = why;
            for (Call<?> call : calls) {
                call.fail(why);
            }
            calls.clear();
        }
    }

    private record Timer(long at, Future<?> unless, Runnable action) {}

    /** The loop ended because it was told to. */
    private static final class Closed extends Exception {
        Closed() {
            super("the proxy was closed", null, false, false);
        }
    }
}
