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
 * <p>Two clients are two owners, also in one thread: a thread that holds a lock by one waits for itself by the other (rule RE-6).
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
     * @param name 1 to 512 UTF-8 bytes; any characters, no unpaired surrogate
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
     * Acquires within a wait limit.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @return the possession
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockTimeoutException when the limit passed while somebody else held the lock
     * @throws LockUnavailableException when the limit passed while the store was out of reach
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
     * @throws LockTimeoutException when the limit passed while somebody else held the lock
     * @throws LockUnavailableException when the store was not reached
     * @throws LockClosedException when the client is or gets closed
     */
    LockHandle acquire(String name, LockOptions options) throws InterruptedException;

    /**
     * Acquires if the lock is free: the answer to one request, never a place in line (rule WA-4). Not interruptible; at most {@code
     * operation-timeout}.
     *
     * @param name the lock's name
     * @return the possession, or empty when somebody else holds it. Keep it: {@code isPresent()} alone drops a handle that holds, which
     *     {@link DistributedLock#tryLock()} does not
     * @throws LockUnavailableException when the store was not reached
     * @throws LockClosedException when the client is closed
     */
    Optional<LockHandle> tryAcquire(String name);

    /**
     * Acquires if the lock is had within a wait limit.
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
     * @return the possession, or empty when the limit passed while somebody else held the lock
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the store was not reached
     * @throws LockClosedException when the client is or gets closed
     */
    Optional<LockHandle> tryAcquire(String name, LockOptions options) throws InterruptedException;

    /**
     * Acquires without blocking a thread, waiting without end.
     *
     * @param name the lock's name
     * @return completes with the possession on a thread of the client's executor, or exceptionally as {@link #acquire(String)}
     *     throws; cancelling its {@code toCompletableFuture()} withdraws, and a grant that raced in is released. So does cancelling,
     *     timing out or otherwise completing every stage that was made of it, since nobody can get the possession then (rule WA-13)
     */
    CompletionStage<LockHandle> acquireAsync(String name);

    /**
     * Acquires without blocking a thread; without a wait limit it waits without end.
     *
     * @param name the lock's name
     * @param options how to wait and hold; interruption on loss does not apply
     * @return as {@link #acquireAsync(String)}; exceptionally with {@link LockTimeoutException} when the limit passed
     */
    CompletionStage<LockHandle> acquireAsync(String name, LockOptions options);

    /**
     * Does work under a lock.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @param task the work
     * @param <T> what it returns
     * @param <E> what it throws
     * @return the work's result
     * @throws E when the work fails
     * @throws InterruptedException when interrupted before or while waiting; the work was not begun then
     * @throws LockTimeoutException when the limit passed; the work was not begun then
     * @throws LockLostException when the lock was lost before the work ended normally
     * @throws LockUnavailableException when the store was not reached; the work was not begun then
     */
    <T, E extends Exception> T withLock(String name, Duration wait, LockedTask<T, E> task)
            throws E, InterruptedException;

    /**
     * Does work under a lock.
     *
     * @param name the lock's name
     * @param wait zero or negative: do not wait
     * @param task the work
     * @throws InterruptedException when interrupted before or while waiting; the work was not begun then
     * @throws LockTimeoutException when the limit passed; the work was not begun then
     * @throws LockLostException when the lock was lost before the work ended normally
     * @throws LockUnavailableException when the store was not reached; the work was not begun then
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
     * @return by name
     * @throws LockUnavailableException when the store was not reached
     */
    List<LockInfo> list();

    /**
     * Looks whether the store is set up safely for locks; asks the store, and changes nothing in it (rule IN-4).
     *
     * @return at least one finding, in the order in which the backend looked
     * @throws LockUnavailableException when the store was not reached
     * @throws LockDeniedException when it refused the credentials
     */
    List<StoreFinding> diagnose();

    /**
     * Takes a lock from whoever holds it, if the grant in force is the one with this token.
     *
     * @param name the lock's name
     * @param fencingToken as {@link LockInfo#fencingToken()} shows it
     * @return what happened
     * @throws LockUnavailableException when the store was not reached
     * @throws LockOutcomeUnknownException when the answer never came
     */
    ForceOutcome forceUnlock(String name, long fencingToken);

    /**
     * Adds a listener for all locks of this client.
     *
     * @param listener called from now on
     */
    void addListener(LockListener listener);

    /**
     * Removes a listener.
     *
     * @param listener not called any more, but for calls under way
     */
    void removeListener(LockListener listener);

    /**
     * Counts since the client was opened, and its state now.
     *
     * @return a snapshot
     */
    LockMetrics metrics();

    /**
     * The store's address for people.
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
     * (rule CL-1). Returns within {@code close-timeout}, store or no store. What is held counts as lost for its owner.
     * Idempotent.
     */
    @Override
    void close();
}
