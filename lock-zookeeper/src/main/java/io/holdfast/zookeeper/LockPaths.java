// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.NameCode;
import java.util.Optional;
import java.util.UUID;

/**
 * Where things are: {@code ROOT/NAME} is the container of a lock's contenders, {@code ROOT/%sessions} that of the sessions.
 *
 * <p>NAME is the lock's name in {@link NameCode} with {@code %XX}: no two names meet, none has a slash, and none is {@code %sessions}
 * (rules NA-2, NA-3).
 *
 * @param root begins with a slash and does not end in one
 */
record LockPaths(String root) {
    private static final NameCode NAMES = NameCode.escapedBy('%');
    private static final String SESSIONS = "%sessions";

    String of(String name) {
        return root + "/" + NAMES.encode(name);
    }

    String sessions() {
        return root + "/" + SESSIONS;
    }

    /**
     * What the node of a contender begins with: Curator's mark of a protected node, and the lock's usual name in its recipes.
     *
     * @param session half of the mark, random for each session
     * @param contenderId the other half, never used twice by a session
     */
    static String mark(long session, long contenderId) {
        return "_c_" + new UUID(session, contenderId) + "-" + Line.LOCK;
    }

    /**
     * The name a container under the root belongs to.
     *
     * @return empty when no name is written like this: a stranger's node, or that of the sessions
     */
    static Optional<String> name(String node) {
        return NAMES.decode(node);
    }
}
