// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Map;
import java.util.Objects;

/**
 * An acknowledged renewal: when it was sent, and what it says of the contenders it named.
 *
 * <p>Of a contender without an entry nothing was learned with {@link LeaseScope#GRANT}, as if it had {@link ContenderStatus#UNKNOWN}; with
 * the other scopes it is as it was before.
 *
 * @param sentAt monotonic time just before the request left; with {@link LeaseScope#GRANT} it becomes the basis of every
 *     contender that the answer calls holding or waiting (rule ME-2)
 * @param statuses by contender id; not every contender need be in it
 */
public record Renewal(long sentAt, Map<Long, ContenderStatus> statuses) {
    /**
     * Copies nothing; the map must not change any more.
     *
     * @param sentAt monotonic nanoseconds
     * @param statuses by contender id
     */
    public Renewal {
        Objects.requireNonNull(statuses, "statuses");
    }
}
