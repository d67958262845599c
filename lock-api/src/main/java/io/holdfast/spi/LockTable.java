// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A store that is a table with compare-and-set, and nothing more: the simplest of the three ways to write a backend.
 *
 * <p>A row has a name, a holder id, a token and an expiry by the store's clock. {@link TableBackend} makes a full backend of
 * it: it keeps the sessions and calls these methods on threads that may block, and the engine polls, with jitter, for the waiters.
 * Every method is atomic in the store and thread-safe, and is bounded by the table's own timeouts. A method that fails throws
 * {@code LockUnavailableException} when the request surely did nothing, {@code LockOutcomeUnknownException} when it may have done
 * something, {@code LockDeniedException} when the store refused the credentials; anything else counts as an unknown outcome.
 */
public interface LockTable extends AutoCloseable {
    /**
     * The facts; scope {@link LeaseScope#GRANT}, no queue, blocking.
     *
     * @return the capabilities
     */
    Capabilities capabilities();

    /**
     * The store's address, for people.
     *
     * @return a redacted URI
     */
    String store();

    /**
     * Takes a row that is free, expired, or already this holder's (a repeated request takes no second grant, rule UO-4), for one
     * lease from now by the store's clock.
     *
     * @param name the lock's name
     * @param holderId the id of this attempt, never used before
     * @param label who asks, for people
     * @param lease how long the row is to live unless renewed
     * @return the token: greater than that of every earlier grant of the name (rule FT-1), the same for a repeated request; empty
     *     when somebody else holds
     */
    OptionalLong tryAcquire(String name, String holderId, String label, Duration lease);

    /**
     * Extends a row by one lease from now, while it is this holder's and has not expired. May take up to half a lease (rule KE-3), and
     * should not take longer.
     *
     * @param name the lock's name
     * @param holderId the id that took it
     * @param lease the lease
     * @return false when the row is not this holder's any more
     */
    boolean renew(String name, String holderId, Duration lease);

    /**
     * Extends several rows, each as {@link #renew} does: all that a client holds, three times a lease. By default one by one; a
     * table that extends many in one request overrides it, or many holds of one client outlast their lease in the queue.
     *
     * <p>All of it together may take half a lease (rule KE-3): that limit comes from the lease, not from a setting for other requests. The
     * next call comes at its time, on another thread, whether this one has returned or not.
     *
     * @param names the locks' names, by holder id
     * @param lease the lease
     * @return by holder id what {@link #renew} returns; a holder id that is left out is one of which nothing was learned, and it is asked
     *     for again
     * @throws io.holdfast.LockException when nothing was learned of any
     */
    default Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
        Map<String, Boolean> renewed = new HashMap<>();
        List<RuntimeException> failures = new ArrayList<>();
        names.forEach((holderId, name) -> {
            try {
                renewed.put(holderId, renew(name, holderId, lease));
            } catch (RuntimeException failure) { // the other rows are none the worse for it (rule KE-2)
                failures.add(failure);
            }
        });
        if (renewed.isEmpty() && !failures.isEmpty()) {
            throw failures.get(0);
        }
        return renewed;
    }

    /**
     * Frees a row while it is this holder's, and sees to it that a late copy of this holder's {@link #tryAcquire} takes nothing
     * (rule UO-2).
     *
     * @param name the lock's name
     * @param holderId the id that took it, or tried to
     * @return false when it was not this holder's
     */
    boolean release(String name, String holderId);

    /**
     * Shows all rows that are held, or the one of a name.
     *
     * @param name one name, or the empty string for all
     * @return the held ones
     */
    List<StoredLock> inspect(String name);

    /**
     * Frees a row by force.
     *
     * @param name the lock's name
     * @param storeToken the row is freed only while it has this token; empty for any
     * @return what happened
     */
    ForceOutcome forceRelease(String name, OptionalLong storeToken);

    /**
     * Looks whether the store is set up safely for locks; changes nothing in it.
     *
     * @return at least one finding; by default one that says that this table makes no checks
     */
    default List<StoreFinding> diagnose() {
        return List.of(new StoreFinding(
                StoreFinding.Verdict.UNKNOWN,
                "diagnosis",
                "this backend cannot look at how its store is set up",
                "check persistence, clocks and rights by the store's own tools"));
    }

    @Override
    void close();
}
