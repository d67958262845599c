// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One directory as this JVM uses it: the sessions in it, and the one thread that does all reading and writing.
 *
 * <p>On a thread of our own no caller's interrupt closes a channel in the middle of a step, and no caller waits for the disk under
 * a lock. While somebody waits the thread looks for rings, at intervals that grow with the wait, from 1 ms to 20 ms. It is a
 * daemon, begins with the first work and ends with the last session (rule CL-3). Thread-safe.
 */
final class FileStore {
    private static final System.Logger LOG = System.getLogger(FileStore.class.getName());
    private static final long SHORTEST_PAUSE = 1_000_000;
    private static final long LONGEST_PAUSE = 20_000_000;
    private static final int SHARE = 50; // of the time passed since something happened

    private final FileSettings settings;
    private final LockDirectory directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition handedIn = lock.newCondition();
    private final Deque<Runnable> work = new ArrayDeque<>();
    private @Nullable Thread thread;

    // What follows belongs to the thread.
    private final Map<String, FileSession> sessions = new LinkedHashMap<>();
    private long eventAt;

    /** Work that may fail for the disk's reasons. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Work without a result. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }

    /** Opens the directory, on the caller's thread: what is wrong with it is said at once. */
    FileStore(FileSettings settings, LockDirectory.Surroundings surroundings) {
        this.settings = settings;
        try {
            directory = new LockDirectory(settings, surroundings, this::ring);
        } catch (IOException e) {
            throw trouble(e, "opening the directory");
        }
    }

    String address() {
        return settings.address();
    }

    FileSettings settings() {
        return settings;
    }

    LockDirectory directory() {
        return directory;
    }

    LockException trouble(Exception e, String what) {
        return FileTrouble.of(e, what, address());
    }

    /** Hands work in; it reports its own failures. */
    void run(Runnable task) {
        lock.lock();
        try {
            work.add(task);
            if (thread == null) {
                thread = new Thread(this::serve, "holdfast-" + address());
                thread.setDaemon(true);
                thread.start();
            }
            handedIn.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Hands work in whose result somebody waits for. */
    <T> CompletableFuture<T> ask(String what, Work<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        run(() -> {
            T result;
            try {
                result = task.run();
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(trouble(e, what));
                return;
            }
            answer.complete(result);
        });
        return answer;
    }

    CompletableFuture<@Nullable Void> order(String what, Action action) {
        CompletableFuture<Boolean> done = ask(what, () -> {
            action.run();
            return true;
        });
        return done.thenApply(nothing -> null);
    }

    /** Called on the thread. */
    void add(FileSession session) {
        sessions.put(session.id(), session);
    }

    /** Called on the thread. */
    void forget(FileSession session) {
        sessions.remove(session.id());
    }

    /**
     * Ends what a backend opened and its clients have not closed, and waits for that, and for the end of the thread if those were
     * the last sessions. Called on the thread itself, it waits for nothing.
     */
    void closeAll(FileBackend backend) throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Boolean> last = ask("closing", () -> {
            for (FileSession session : List.copyOf(sessions.values())) {
                if (session.backend == backend) {
                    session.lose("the backend was closed");
                }
            }
            return sessions.isEmpty();
        });
        Thread serving = serving();
        long millis = settings.patience().toMillis();
        if (serving != Thread.currentThread() && last.get(millis, TimeUnit.MILLISECONDS) && serving != null) {
            serving.join(millis);
        }
    }

    private @Nullable Thread serving() {
        lock.lock();
        try {
            return thread;
        } finally {
            lock.unlock();
        }
    }

    private boolean ring(String session, long contender) {
        FileSession near = sessions.get(session);
        if (near != null) {
            near.ring(contender);
        }
        return near != null;
    }

    private void serve() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException e) { // of a client that was told something: the others still need this thread
                LOG.log(System.Logger.Level.ERROR, "a client of " + address() + " failed to take what it was told", e);
            }
        }
    }

    /** The next thing to do; null when this thread has nothing to do any more and has ended. */
    private @Nullable Runnable next() {
        lock.lock();
        try {
            while (work.isEmpty()) {
                if (sessions.isEmpty()) {
                    thread = null;
                    return null;
                }
                long pause = pause();
                if (pause == Long.MAX_VALUE) {
                    handedIn.await();
                } else if (pause == 0 || handedIn.awaitNanos(pause) <= 0) {
                    return this::attend;
                }
            }
            eventAt = System.nanoTime();
            return work.remove();
        } catch (InterruptedException e) {
            return () -> {}; // nobody has a reason to interrupt this thread; it goes on
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds until somebody must be looked after: zero for those rung for, without end while nobody waits. */
    private long pause() {
        boolean waiting = false;
        for (FileSession session : sessions.values()) {
            waiting |= session.isWaiting();
            if (session.hasDue()) {
                return 0;
            }
        }
        long pause = Math.max(SHORTEST_PAUSE, (System.nanoTime() - eventAt) / SHARE);
        return waiting ? Math.min(LONGEST_PAUSE, pause) : Long.MAX_VALUE;
    }

    private void attend() {
        for (FileSession session : new ArrayList<>(sessions.values())) {
            if (session.isWaiting()) {
                try {
                    session.hear();
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.DEBUG, "rings in " + address() + " were not heard", e);
                }
                long now = System.nanoTime();
                if (session.attend(contender -> FileSession.isOverdue(contender, now))) {
                    eventAt = now;
                }
            }
        }
    }
}
