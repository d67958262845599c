// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * The check that a protected resource makes: it lets a token pass unless it has seen a newer one, that is a greater one (rule FT-5).
 *
 * <p>A guard in memory protects what lives in the same process, and shows the recipe for the rest: keep the newest token beside
 * the data, and make every write depend on it, such as {@code UPDATE account SET balance = ?, token = ? WHERE id = ? AND
 * token <= ?}. Thread-safe.
 */
public final class FencedGuard {
    private long newest;

    /** A guard that has seen nothing. */
    public FencedGuard() {}

    /**
     * A guard that continues after a token stored with the data.
     *
     * @param newest the newest token seen so far; zero for none
     * @throws IllegalArgumentException when it is negative
     */
    public FencedGuard(long newest) {
        if (newest < 0) {
            throw new IllegalArgumentException("a fencing token is positive, not " + newest);
        }
        this.newest = newest;
    }

    /**
     * Lets a token pass and remembers it, unless a newer one was seen. The same token passes again: one holder, many writes.
     *
     * @param fencingToken the token of the hold under which the caller works
     * @return false when a newer hold has been here, so that the caller's is over; also for what is no token, zero and below
     */
    public synchronized boolean accepts(long fencingToken) {
        if (fencingToken <= 0 || fencingToken < newest) {
            return false;
        }
        newest = fencingToken;
        return true;
    }

    /**
     * Lets a token pass or throws.
     *
     * @param fencingToken the token of the hold under which the caller works
     * @throws IllegalStateException when {@link #accepts} answers false
     */
    public void check(long fencingToken) {
        if (!accepts(fencingToken)) {
            throw new IllegalStateException("fencing token " + fencingToken + " is refused: " + newest()
                    + " was seen, a later holder has been here");
        }
    }

    /**
     * The newest token seen.
     *
     * @return zero when none
     */
    public synchronized long newest() {
        return newest;
    }
}
