// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What became of a contender.
 *
 * @param file its own; null when it has none (any more)
 * @param token 0 while it does not hold
 * @param before how many are in line before it
 */
record Turn(@Nullable Path file, long token, int before) {
    static final Turn NONE = new Turn(null, 0, 0);

    /** Of the file of a hold. */
    static Turn holding(Path holder) throws IOException {
        return new Turn(holder, Mark.of(holder).number(), 0);
    }

    boolean holds() {
        return token != 0;
    }
}
