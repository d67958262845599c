// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message that a script of ours sent: a contender of this process was granted a lock, or lost it by force.
 *
 * @param forced false when it was granted
 * @param contender its id
 * @param token of the grant
 * @param keys the lock's
 */
record WakeUp(boolean forced, String contender, long token, LockKeys keys) {
    /** Longer than any of ours. */
    static final int LONGEST = 4096;

    private static final int WORDS = 5;
    private static final Pattern CONTENDER = Pattern.compile("[0-9a-f]{16}\\.[0-9]{1,18}");
    private static final Pattern TOKEN = Pattern.compile("[0-9]{1,16}");

    /**
     * Reads a message, cheapest looks first: anybody may send any number of them.
     *
     * @return empty when it is not of ours
     */
    static Optional<WakeUp> parse(String message, MessageKey ours) {
        if (message.length() > LONGEST) {
            return Optional.empty();
        }
        List<String> words = List.of(message.split(" ", WORDS + 1));
        if (words.size() != WORDS
                || !CONTENDER.matcher(words.get(1)).matches()
                || !TOKEN.matcher(words.get(2)).matches()
                || !ours.proves(words.get(1), message.substring(0, message.lastIndexOf(' ')), words.get(4))) {
            return Optional.empty();
        }
        return Optional.of(new WakeUp(
                words.get(0).equals("forced"), words.get(1), Long.parseLong(words.get(2)), new LockKeys(words.get(3))));
    }

    String session() {
        return contender.substring(0, contender.indexOf('.'));
    }

    long number() {
        return Long.parseLong(contender.substring(contender.indexOf('.') + 1));
    }
}
