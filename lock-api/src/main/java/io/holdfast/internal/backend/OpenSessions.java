// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.backend;

import io.holdfast.LockClosedException;
import io.holdfast.internal.SafeLog;
import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockRuntime;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a backend has opened and nobody has closed yet, and whether the backend itself is closed.
 *
 * <p>A backend keeps one, begins with it whatever it is asked, and ends with it. Thread-safe; calls the backend under no lock
 * (rule SP-2). A step that passed the check just before {@link #endAll()} goes on, and ends as requests on a closed connection do.
 *
 * @param <S> the backend's sessions, which are equal only when they are the same object
 */
public final class OpenSessions<S> {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private final String store;

    /** Null when the backend has none of its own, because its store client was lent to it. */
    private final @Nullable LockRuntime own;

    private final Consumer<? super S> end;
    private final Set<S> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private OpenSessions(String store, @Nullable LockRuntime own, Consumer<? super S> end) {
        this.store = Objects.requireNonNull(store, "store");
        this.own = own;
        this.end = Objects.requireNonNull(end, "end");
    }

    /**
     * For a backend that a provider makes for one client. Its questions run on that client's runtime, which outlives the backend.
     *
     * @param <S> the backend's sessions
     * @param config the client's settings: the store's address and the runtime
     * @param end ends a session in this process and tells its client; called once at most for each session, and never for one that
     *     was forgotten. What is left in the store ends with the lease
     * @return empty and open
     * @throws io.holdfast.LockConfigException when the configuration has no runtime
     */
    public static <S> OpenSessions<S> of(BackendConfig config, Consumer<? super S> end) {
        return new OpenSessions<>(config.uri().toString(), config.runtime(), end);
    }

    /**
     * For a backend over a store client of the caller's, which serves clients that come and go, each with a runtime of its own.
     *
     * @param <S> the backend's sessions
     * @param store the store's address for people; never a password or token
     * @param end as above
     * @return empty and open
     */
    public static <S> OpenSessions<S> onLentClient(String store, Consumer<? super S> end) {
        return new OpenSessions<>(store, null, end);
    }

    /**
     * The store's address for people.
     *
     * @return as it was given
     */
    public String store() {
        return store;
    }

    /**
     * Begins a step, such as opening a session.
     *
     * @param <T> what it brings
     * @param step sends the requests; what it throws fails the stage (rule SP-3)
     * @return as the step completes; once the backend is closed exceptionally with {@code LockClosedException}, and nothing is sent
     */
    public <T> CompletionStage<T> unlessClosed(Supplier<? extends CompletionStage<T>> step) {
        return closed.get() ? CompletableFuture.failedFuture(closedException()) : begun(step);
    }

    /**
     * Begins a question of no session's: inspect, list, forced release, diagnosis.
     *
     * <p>It gets a runtime that runs until the answer is there, so that its limit in time holds whichever clients are closed
     * meanwhile (rule CL-4): the backend's own, and on a lent store client the one that clients without a runtime share, held for as
     * long as the question lasts; its thread ends with the last who holds it. Never that of a session, which is open now and may
     * be closed, and its scheduler ended, before the store answers.
     *
     * @param <T> what is asked
     * @param question sends the requests, each with a limit in time on the runtime it is handed; what it throws fails the stage
     * @return as the question completes; once the backend is closed exceptionally with {@code LockClosedException}, and nothing is
     *     sent
     */
    public <T> CompletionStage<T> ask(Function<LockRuntime, ? extends CompletionStage<T>> question) {
        if (own != null) {
            LockRuntime runtime = own;
            return unlessClosed(() -> question.apply(runtime));
        }
        return unlessClosed(() -> {
            SharedRuntime held = SharedRuntime.acquire();
            return begun(() -> question.apply(held)).whenComplete((answer, failure) -> held.release());
        });
    }

    /** A step that throws has failed like any other; else what it holds would be held for ever. */
    private static <T> CompletionStage<T> begun(Supplier<? extends CompletionStage<T>> step) {
        try {
            return step.get();
        } catch (RuntimeException | Error failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    /**
     * Takes in a session that was opened.
     *
     * @param session ready to be ended
     * @return the session
     * @throws LockClosedException when the backend was closed meanwhile; the session is ended then
     */
    public S add(S session) {
        open.add(session);
        // Looked at after it was added: another thread that closes has either set this before, or finds the session.
        if (closed.get()) {
            endOnce(session);
            throw closedException();
        }
        return session;
    }

    /**
     * Takes out a session that its client has closed, or that has ended by itself. Idempotent.
     *
     * @param session one that was added, or not
     */
    public void forget(S session) {
        open.remove(session);
    }

    /**
     * The sessions now.
     *
     * @return a copy, in no order; empty after {@link #endAll()}
     */
    public List<S> all() {
        return List.copyOf(open);
    }

    /**
     * Closes: nothing begins any more, and every session is ended. One that cannot be is logged and keeps nothing from its end.
     *
     * @return true for the one call that does it, which then ends the connection; false for all others
     */
    public boolean endAll() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        all().forEach(this::endOnce);
        return true;
    }

    /** By who takes it out: the thread that closes, the one that adds, or nobody when its client closed it at the same moment. */
    private void endOnce(S session) {
        if (open.remove(session)) {
            try {
                end.accept(session);
            } catch (RuntimeException | Error failure) {
                SafeLog.log(
                        LOG,
                        Level.WARNING,
                        "store " + store + ": a session did not end cleanly with its backend",
                        failure);
            }
        }
    }

    private LockClosedException closedException() {
        return new LockClosedException("the backend of " + store + " is closed; open another one");
    }

    @Override
    public String toString() {
        return open.size() + " sessions of " + store + (closed.get() ? ", closed" : "");
    }
}
