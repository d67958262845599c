// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the store shows of one lock at one moment; it may be outdated when it arrives.
 *
 * @param name the lock's name
 * @param fencingToken the first token of the grant in force, {@code token-base} included; empty when nobody holds. Hand-offs
 *     inside the holding client do not show in the store
 * @param holder the holding client's label (host and process); empty when nobody holds
 * @param since since when, by the holder's wall clock; where a grant writes nothing, since when it contends; empty when unknown
 * @param contenders how many contenders the store knows, the holder included
 */
public record LockInfo(
        String name, OptionalLong fencingToken, Optional<String> holder, Optional<Instant> since, int contenders) {
    /**
     * Whether somebody held the lock.
     *
     * @return true when there was a grant in force
     */
    public boolean isHeld() {
        return fencingToken.isPresent();
    }
}
