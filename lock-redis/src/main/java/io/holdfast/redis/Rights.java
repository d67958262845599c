// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.util.List;
import java.util.Set;

/**
 * What our user may do, as {@link Script#RIGHTS} tells it.
 *
 * @param known false of a server that cannot tell
 * @param refused the commands of ours that it may not call, in upper case
 */
record Rights(boolean known, List<String> refused) {
    /** Without them a lock is taken and given back all the same; a hand-over is slower, or the names are not listed. */
    private static final Set<String> DISPENSABLE = Set.of("PUBLISH", "UNSUBSCRIBE", "SCAN");

    static Rights parse(String line) {
        Reply reply = Reply.parse(line);
        List<String> words = reply.fields();
        if (words.equals(List.of("unknown"))) {
            return new Rights(false, List.of());
        }
        if (words.equals(List.of("all"))) {
            return new Rights(true, List.of());
        }
        if (words.size() > 2 && words.subList(0, 2).equals(List.of("all", "but"))) {
            return new Rights(true, words.subList(2, words.size()));
        }
        throw reply.malformed();
    }

    /** Whether no lock could be taken, or none be given back. */
    boolean tooFew() {
        return !DISPENSABLE.containsAll(refused);
    }
}
