// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;

/**
 * The end of a hold that nobody released: its lease can no longer be proven.
 *
 * @param name the lock's name
 * @param fencingToken the token of the lost hold
 * @param reason what ended it, for people, without secrets
 */
public record LockLoss(String name, long fencingToken, String reason) {
    /**
     * Checks for null only.
     *
     * @param name the lock's name
     * @param fencingToken the token of the lost hold
     * @param reason for people
     */
    public LockLoss {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(reason, "reason");
    }
}
