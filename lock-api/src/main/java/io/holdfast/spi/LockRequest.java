// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a contender asks for; immutable.
 *
 * <p>The engine makes them, or {@link #exclusive} in a test. More kinds of request may be added here, such as shared ones.
 */
public final class LockRequest {
    private final String name;
    private final long contenderId;
    private final boolean enqueue;
    private final @Nullable Grant releasing;

    private LockRequest(String name, long contenderId, boolean enqueue, @Nullable Grant releasing) {
        this.name = Objects.requireNonNull(name, "name");
        this.contenderId = contenderId;
        this.enqueue = enqueue;
        this.releasing = releasing;
    }

    /**
     * A request to hold a name alone.
     *
     * @param name the lock's name, 1 to 512 UTF-8 bytes, well formed
     * @param contenderId an id that this session's client has never used before
     * @param enqueue whether to stay in line when somebody else holds
     * @param releasing a grant of the same name and session to give up in the same step, before this contender takes its place; or null
     * @return the request
     */
    public static LockRequest exclusive(String name, long contenderId, boolean enqueue, @Nullable Grant releasing) {
        return new LockRequest(name, contenderId, enqueue, releasing);
    }

    /**
     * The lock's name, as the user gave it; the backend encodes it (rule NA-2).
     *
     * @return 1 to 512 UTF-8 bytes
     */
    public String name() {
        return name;
    }

    /**
     * The contender's id, never used twice by a client, not even after a failed attempt.
     *
     * @return the id
     */
    public long contenderId() {
        return contenderId;
    }

    /**
     * Whether the contender stays in line when it is not first. False is a try: it leaves nothing behind when refused (rule
     * WA-4).
     *
     * @return true to queue
     */
    public boolean enqueue() {
        return enqueue;
    }

    /**
     * A grant of this session and name that is given up in the same step, before the new contender takes its place.
     *
     * @return the grant, or null
     */
    public @Nullable Grant releasing() {
        return releasing;
    }

    @Override
    public String toString() {
        return "contender " + contenderId + " for '" + name + "'" + (enqueue ? "" : " (try)");
    }
}
