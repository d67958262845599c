// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import io.holdfast.internal.opening.ClientOpener;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One process's connection to one store, and the way to its locks.
 *
 * <p>Open one and keep it: it owns a session, which a background task renews, and makes no thread per lock or waiter. Close it to
 * release everything. Thread-safe.
 *
 * <p>Two clients are two owners, even in one thread: a thread that holds a lock by one of them and acquires it by the other waits for
 * itself (rule RE-6).
 *
 * <p>A lock's name has 1 to 512 bytes in UTF-8, of any characters, and no unpaired surrogate; a method that takes another one throws {@link
 * IllegalArgumentException} before it asks the store. Besides what each method names, those that acquire throw {@link LockDeniedException}
 * when the store refuses the credentials and {@link FencingRegressionException} when it offers an old token. Those that only ask the store
 * or force it wait at most {@code operation-timeout}, and throw {@code LockDeniedException} as well, and {@link LockClosedException} when
 * the client is closed.
 *
 * <pre>{@code
 * try (LockClient client = LockClient.open("file:/var/lib/app/locks");
 *         LockHandle hold = client.acquire("report", Duration.ofSeconds(5))) {
 *     store.write(report, hold.fencingToken());
 * }
 * }</pre>
 */
public interface LockClient extends AutoCloseable {
    /**
     * Opens a client with the configuration of the environment: {@link LockConfig#load()}.
     *
     * @return a connected client
     * @throws LockConfigException when a setting is wrong or no provider serves the scheme
     * @throws LockUnavailableException when the store is not reached within {@code connect-timeout} (rule OP-1), or the thread is
     *     interrupted meanwhile
     * @throws LockDeniedException when the store refuses the credentials
     */
    static LockClient open() {
        return open(LockConfig.load());
    }

    /**
     * Opens a client for a store; what the URI does not say comes from the configuration of the environment.
     *
     * @param uri the store, such as {@code memory:test}, {@code file:/var/lib/locks}, {@code redis://host:6379}
     * @return a connected client
     * @throws LockConfigException when a setting is wrong or no provider serves the scheme
     * @throws LockUnavailableException when the store is not reached within {@code connect-timeout} (rule OP-1), or the thread is
     *     interrupted meanwhile
     * @throws LockDeniedException when the store refuses the credentials
     */
    static LockClient open(String uri) {
        return open(LockConfig.load().withUrl(uri));
    }

    /**
     * Opens a client.
     *
     * @param config its settings
     * @return a connected client
     * @throws LockConfigException when a setting is wrong or no provider serves the scheme
     * @throws LockUnavailableException when the store is not reached within {@code connect-timeout} (rule OP-1), or the thread is
     *     interrupted meanwhile
     * @throws LockDeniedException when the store refuses the credentials
     */
    static LockClient open(LockConfig config) {
        return ClientOpener.open(config);
    }

    /**
     * Opens a client on a backend that the caller keeps: closing the client leaves it open.
     *
     * @param backend the connection to the store, such as one made over a store client of the caller's own
     * @param config its settings; the URL is not needed
     * @return a connected client with a session of its own
     * @throws LockConfigException when a setting is wrong
     * @throws LockUnavailableException when the store is not reached within {@code connect-timeout} (rule OP-1), or the thread is
     *     interrupted meanwhile
     * @throws LockDeniedException when the store refuses the credentials
     */
    static LockClient open(LockBackend backend, LockConfig config) {
        return ClientOpener.open(backend, config);
    }

    /**
     * The lock of a name, owned by whichever thread acquires it. No request is made.
     *
     * @param name 1 to 512 bytes in UTF-8; any characters, no unpaired surrogate
     * @return a lock object
     * @throws IllegalArgumentException when the name is not allowed
     */
    DistributedLock lock(String name);

    /**
     * Several locks to be taken together.
     *
     * @param names the locks; duplicates count once
     * @return the group
     * @throws IllegalArgumentException when there is no name, or one is not allowed
     */
    LockGroup all(Collection<String> names);

    /**
     * Acquires, waiting without end.
     *
     * @param name the lock's name
     * @return the possession
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the store stays out of reach for {@code outage-timeout}
     * @throws LockClosedException when the client is or gets closed
     */
    LockHandle acquire(String name) throws InterruptedException;

    /**
     * Acquires within a wait limit, which covers connecting, queueing and retrying.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @return the possession
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockTimeoutException when the limit passed, and the store has answered meanwhile (rule WA-12)
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time
     * @throws LockClosedException when the client is or gets closed
     */
    LockHandle acquire(String name, Duration wait) throws InterruptedException;

    /**
     * Acquires with options; without a wait limit it waits without end.
     *
     * @param name the lock's name
     * @param options how to wait and hold
     * @return the possession
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockTimeoutException when the limit passed, and the store has answered meanwhile (rule WA-12)
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time; without a limit as {@link
     *     #acquire(String)}
     * @throws LockClosedException when the client is or gets closed
     */
    LockHandle acquire(String name, LockOptions options) throws InterruptedException;

    /**
     * Acquires if the lock is free, by the answer to one request: it takes at most {@code operation-timeout}, and stands in no line (rule
     * WA-4). An interrupt does not end it, and the thread's interrupt status stays set.
     *
     * @param name the lock's name
     * @return the possession, or empty as {@link DistributedLock#tryLock()} answers false. Keep what is returned: who asks it {@code
     *     isPresent()} only, and drops the handle, holds the lock until the handle is found forgotten (rule FH-1)
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time
     * @throws LockClosedException when the client is closed
     */
    Optional<LockHandle> tryAcquire(String name);

    /**
     * Acquires within a wait limit, or answers that it did not.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @return the possession, or empty when the limit passed, and the store has answered meanwhile (rule WA-12)
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time
     * @throws LockClosedException when the client is or gets closed
     */
    Optional<LockHandle> tryAcquire(String name, Duration wait) throws InterruptedException;

    /**
     * Acquires with options; without a wait limit it does not wait.
     *
     * @param name the lock's name
     * @param options how to wait and hold
     * @return the possession, or empty when the limit passed, and the store has answered meanwhile (rule WA-12)
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time
     * @throws LockClosedException when the client is or gets closed
     */
    Optional<LockHandle> tryAcquire(String name, LockOptions options) throws InterruptedException;

    /**
     * Acquires without blocking a thread, waiting without end.
     *
     * @param name the lock's name
     * @return completes with the possession, or exceptionally with what {@link #acquire(String)} throws but for interrupts, on a thread for
     *     callbacks ({@link io.holdfast.spi.LockRuntime#callbacks()}). Cancelling its {@code toCompletableFuture()} ends the wait, and a
     *     grant that came at the same moment is released. The same happens when every stage that was made of it has been cancelled, timed
     *     out or completed by others, since nobody can get the possession then (rule WA-13)
     */
    CompletionStage<LockHandle> acquireAsync(String name);

    /**
     * Acquires without blocking a thread; without a wait limit it waits without end.
     *
     * @param name the lock's name
     * @param options how to wait and hold; interruption on loss does not apply
     * @return as {@link #acquireAsync(String)}; when the limit passed, exceptionally as {@link #acquire(String, LockOptions)} throws
     */
    CompletionStage<LockHandle> acquireAsync(String name, LockOptions options);

    /**
     * Does work under a lock, and releases the lock however the work ends.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @param task the work
     * @param <T> what it returns
     * @param <E> what it throws
     * @return the work's result
     * @throws E when the work fails, also when the lock was lost by then
     * @throws InterruptedException when interrupted before or while waiting; the work was not begun then
     * @throws LockTimeoutException as {@link #acquire(String, Duration)}; the work was not begun then
     * @throws LockLostException when the work ended normally, but the lock was not held any more: lost, or released by the work itself
     * @throws LockUnavailableException as {@link #acquire(String, Duration)}; the work was not begun then
     * @throws LockClosedException when the client is or gets closed before the work was begun
     */
    <T, E extends Exception> T withLock(String name, Duration wait, LockedTask<T, E> task)
            throws E, InterruptedException;

    /**
     * Does work that returns nothing under a lock, and releases the lock however the work ends; what the work throws is thrown.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @param task the work
     * @throws InterruptedException when interrupted before or while waiting; the work was not begun then
     * @throws LockTimeoutException as {@link #acquire(String, Duration)}; the work was not begun then
     * @throws LockLostException when the work ended normally, but the lock was not held any more: lost, or released by the work itself
     * @throws LockUnavailableException as {@link #acquire(String, Duration)}; the work was not begun then
     * @throws LockClosedException when the client is or gets closed before the work was begun
     */
    default void withLock(String name, Duration wait, Runnable task) throws InterruptedException {
        Objects.requireNonNull(task, "task"); // before the lock is taken for it
        this.<Boolean, RuntimeException>withLock(name, wait, hold -> {
            task.run();
            return true;
        });
    }

    /**
     * Shows every lock under the client's prefix that somebody holds or waits for; asks the store.
     *
     * @return sorted by name; it may be outdated when it arrives
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time
     */
    List<LockInfo> list();

    /**
     * Looks whether the store is set up safely for locks; asks the store, and changes nothing in it (rule IN-4).
     *
     * @return at least one finding, in the order in which the backend looked
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time
     * @throws LockDeniedException when it refused the credentials
     */
    List<StoreFinding> diagnose();

    /**
     * Takes a lock from whoever holds it, but only while the grant in force has this token.
     *
     * @param name the lock's name
     * @param fencingToken as {@link LockInfo#fencingToken()} shows it
     * @return what happened; the holding client learns of it as {@link DistributedLock#forceUnlock()} says
     * @throws LockUnavailableException when the store was not reached; nothing was done then
     * @throws LockOutcomeUnknownException when no answer came in time, so that it may or may not have been done
     */
    ForceOutcome forceUnlock(String name, long fencingToken);

    /**
     * Adds a listener for all locks of this client.
     *
     * @param listener called for what happens from now on; one that is added twice is called twice
     */
    void addListener(LockListener listener);

    /**
     * Removes a listener.
     *
     * @param listener the object that was added, however often; it may still get the calls for what happened before
     */
    void removeListener(LockListener listener);

    /**
     * Counts since the client was opened, and its state now.
     *
     * @return a snapshot
     */
    LockMetrics metrics();

    /**
     * The store's address, for people.
     *
     * @return a URI without secrets
     */
    String store();

    /**
     * What the store can do.
     *
     * @return the backend's facts
     */
    Capabilities capabilities();

    /**
     * The lease in force.
     *
     * @return how long the store keeps the locks of a client that has gone silent
     */
    Duration lease();

    /**
     * Releases everything, ends every wait with {@link LockClosedException}, removes the session, and ends this client's threads
     * (rule CL-1). What is held counts as lost for its owner. Returns within {@code close-timeout}, whether the store answers or not; what
     * the store could not be told ends with its lease. Minimum holds are kept until they have passed, as far as that time goes (rule WA-9).
     * An interrupt does not end the closing, and stays the thread's status. Idempotent: a second call waits for the first.
     */
    @Override
    void close();
}
