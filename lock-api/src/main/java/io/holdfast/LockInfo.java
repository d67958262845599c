// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the store shows of one lock at one moment; it may be outdated when it arrives. Immutable, equal when all of it is.
 *
 * <p>Made by Holdfast alone: a later release may show more, by methods that are new here.
 */
public interface LockInfo {
    /**
     * The lock's name.
     *
     * @return the name as the application gave it
     */
    String name();

    /**
     * The first token of the grant in force. After hand-offs inside the holding client the token of the present hold is greater: the store
     * does not see them.
     *
     * @return the token, {@code token-base} included; empty when nobody holds
     */
    OptionalLong fencingToken();

    /**
     * Who holds.
     *
     * @return the holding client's label: host and process, unless it was given another; empty when nobody holds
     */
    Optional<String> holder();

    /**
     * Since when the lock is held, by the holder's wall clock, in a database by the database's. In a store where a grant writes nothing
     * (ZooKeeper, etcd, Consul): since when the holder contends, its wait included.
     *
     * @return a time for people; empty when unknown
     */
    Optional<Instant> since();

    /**
     * How many contenders the store knows.
     *
     * @return their number, the holder included; a client counts once, however many of its threads wait
     */
    int contenders();

    /**
     * Whether somebody held the lock.
     *
     * @return true when there was a grant in force
     */
    default boolean isHeld() {
        return fencingToken().isPresent();
    }
}
