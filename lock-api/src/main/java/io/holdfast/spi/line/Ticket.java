// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.util.Objects;

/**
 * What a contender is called in requests of its session; immutable. No two contenders of a session have an equal one, ever.
 *
 * @param name the lock's name, as the user gave it; the line encodes it (rule NA-2)
 * @param contenderId the contender's id within its session's client
 */
public record Ticket(String name, long contenderId) {
    /**
     * Checks for null only.
     *
     * @param name the lock's name
     * @param contenderId the contender's id
     */
    public Ticket {
        Objects.requireNonNull(name, "name");
    }
}
