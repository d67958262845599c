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
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One directory as this JVM uses it: the sessions in it, and the one thread that does all reading and writing.
 *
 * <p>On a thread of our own no caller's interrupt closes a channel in the middle of a step, and no caller waits for the disk under
 * a lock. While somebody waits the thread looks for rings, at intervals that grow with the wait, from 1 ms to 20 ms, however much
 * work there is. It is a daemon, begins with the first work and ends with the last session (rule CL-3). Thread-safe.
 */
final class FileStore {
    private static final System.Logger LOG = System.getLogger(FileStore.class.getName());
    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000;
    private static final long IDLE_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10); // for what an idle client's files need
    private static final int REPORTS = 1_000;
    private static final int SHARE = 50; // of the time passed since something happened

    private final FileSettings settings;
    private final LockDirectory.Surroundings surroundings;
    private final LockDirectory directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition handedIn = lock.newCondition();
    private final Deque<Task> work = new ArrayDeque<>();
    private @Nullable Thread thread;

    // What follows belongs to the thread.
    private final Map<String, FileSession> sessions = new LinkedHashMap<>();
    private long eventAt;
    private long keptAt = System.nanoTime();
    private long attendedAt = System.nanoTime();

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
        this.surroundings = surroundings;
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

    LockException trouble(Throwable e, String what) {
        return FileTrouble.of(e, what, address());
    }

    /**
     * Hands work in.
     *
     * @param failed told of whatever the work throws, also when there is no thread to do it; called again when it throws itself
     */
    void run(Runnable task, Consumer<Throwable> failed) {
        Task added = new Task(task, failed);
        Throwable noThread = null;
        lock.lock();
        try {
            work.add(added);
            if (thread == null) {
                start();
            }
            handedIn.signal();
        } catch (Throwable e) { // no thread is to be had now: the next who comes tries again
            work.remove(added);
            noThread = e;
        } finally {
            lock.unlock();
        }
        if (noThread != null) {
            failed.accept(noThread);
        }
    }

    private void start() {
        Thread made = new Thread(this::serve, "holdfast-" + address());
        made.setDaemon(true);
        surroundings.steps().reached(Step.THREAD_MADE);
        made.start();
        thread = made;
    }

    /** Hands work in whose result somebody waits for. */
    <T> CompletableFuture<T> ask(String what, Work<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        run(
                () -> {
                    T result;
                    try {
                        result = task.run();
                    } catch (IOException e) {
                        answer.completeExceptionally(trouble(e, what));
                        return;
                    }
                    answer.complete(result);
                },
                e -> answer.completeExceptionally(trouble(e, what)));
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
                    lose(session);
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

    /** One that cannot be ended must not keep the others, whose locks and files would stay as long as this JVM. */
    private void lose(FileSession session) {
        try {
            session.lose("the backend was closed");
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "ending session " + session.id() + " in " + address() + " failed", e);
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

    /**
     * Whatever a task throws, an {@code OutOfMemoryError} or a class that an upgrade took away, is that task's failure: all who
     * hold a lock in this directory need the thread that gives it back.
     */
    private void serve() {
        while (true) {
            try {
                Task task = next();
                if (task == null) {
                    return;
                }
                Thread.interrupted(); // one that strayed here would close the channels of whatever comes next
                task.run();
            } catch (Throwable e) {
                LockSupport.parkNanos(SHORTEST_PAUSE_NANOS); // no memory to find the next task: not at full speed
            }
        }
    }

    /** What the thread does next, and who learns that it failed. */
    private record Task(Runnable work, Consumer<Throwable> failed) {
        void run() {
            try {
                work.run();
            } catch (Throwable e) {
                for (int i = 0; i < REPORTS && !isReported(e); i++) {
                    LockSupport.parkNanos(
                            SHORTEST_PAUSE_NANOS); // no memory for the report either: there may be some in a moment
                }
            }
        }

        private boolean isReported(Throwable e) {
            try {
                failed.accept(e);
                return true;
            } catch (Throwable again) {
                return false;
            }
        }
    }

    private void attendFailed(Throwable e) {
        LOG.log(System.Logger.Level.ERROR, "looking after those who wait in " + address() + " failed; it goes on", e);
    }

    /** The next thing to do; null when this thread has nothing to do any more and has ended. */
    private @Nullable Task next() {
        lock.lock();
        try {
            while (work.isEmpty()) {
                if (sessions.isEmpty()) {
                    thread = null;
                    return null;
                }
                long pause = pause();
                if (pause == 0 || handedIn.awaitNanos(pause) <= 0) {
                    return new Task(this::attend, this::attendFailed);
                }
            }
            if (isAttendingLate()) {
                return new Task(this::attend, this::attendFailed);
            }
            eventAt = System.nanoTime();
            return work.remove();
        } catch (InterruptedException e) {
            return new Task(() -> {}, failure -> {}); // nobody has a reason to interrupt this thread; it goes on
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether those who wait come before the work that is there. Work may never run out: each client that was given a lock hands in
     * its next request while the thread is at another's. A waiter that is only looked after when there is none would be rung and
     * never take its turn, and its name would stay free for nobody (rule WA-7). The pauses leave time for work in between.
     */
    private boolean isAttendingLate() {
        long passed = System.nanoTime() - attendedAt;
        if (passed < SHORTEST_PAUSE_NANOS) {
            return false;
        }
        boolean waiting = false;
        for (FileSession session : sessions.values()) {
            if (session.hasDue()) {
                return true;
            }
            waiting |= session.isWaiting();
        }
        return passed >= (waiting ? LONGEST_PAUSE_NANOS : IDLE_PAUSE_NANOS);
    }

    /** Nanoseconds until somebody must be looked after: zero for those rung for, long while nobody waits. */
    private long pause() {
        boolean waiting = false;
        for (FileSession session : sessions.values()) {
            waiting |= session.isWaiting();
            if (session.hasDue()) {
                return 0;
            }
        }
        long pause = Math.max(SHORTEST_PAUSE_NANOS, (System.nanoTime() - eventAt) / SHARE);
        return waiting ? Math.min(LONGEST_PAUSE_NANOS, pause) : IDLE_PAUSE_NANOS;
    }

    private void attend() {
        try {
            attendAll();
        } finally {
            attendedAt = System.nanoTime(); // also of one that failed: work goes on in between
        }
    }

    private void attendAll() {
        boolean idle = System.nanoTime() - keptAt >= IDLE_PAUSE_NANOS;
        for (FileSession session : new ArrayList<>(sessions.values())) {
            if (idle) { // nobody renews for a client that holds nothing
                session.keep();
                keptAt = System.nanoTime();
            }
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
