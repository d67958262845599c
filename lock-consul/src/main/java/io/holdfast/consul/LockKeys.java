// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.NameCode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where things are in Consul: {@code PREFIX/NAME/SESSION-SLOT} for a contender, and for a session {@code PREFIX/~session/SESSION}, {@code
 * PREFIX/~session/SESSION-journal} and {@code PREFIX/~session/SESSION-laneN}.
 *
 * <p>NAME is the lock's name in {@link NameCode} with {@code ~XX}. Nothing in a key means anything in a URL, where consul-api puts it as it
 * is: no {@code # ? % /} and no space, no path that a server would shorten (rules NA-2, NA-3).
 *
 * @param prefix segments without meaning in a URL, joined by slashes
 */
record LockKeys(String prefix) {
    private static final NameCode NAMES = NameCode.escapedBy('~');

    /** No name is written like this: what follows its tilde is no hexadecimal number. */
    private static final String SESSIONS = "~session";

    /** As Consul makes them. */
    private static final String ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private static final String JOURNAL = "-journal";

    private static final String LANE = "-lane";

    private static final Pattern BESIDE = Pattern.compile("(.*/" + ID + ")(" + JOURNAL + "|" + LANE + "[0-9]+)");

    private static final Pattern CONTENDER = Pattern.compile(".*/" + ID + "-[0-9]");

    /** What every key of ours begins with. */
    String root() {
        return prefix + "/";
    }

    /** What the keys of all contenders of a name begin with, and of no other name. */
    String line(String name) {
        return root() + NAMES.encode(name) + "/";
    }

    String contender(String name, String session, int slot) {
        return line(name) + session + "-" + slot;
    }

    String session(String id) {
        return sessions() + id;
    }

    /** Beside a session's key: what it writes when it gives something up. */
    String journal(String id) {
        return session(id) + JOURNAL;
    }

    /** Beside a session's key: one of those that its contends write in turn. */
    String lane(String id, int number) {
        return session(id) + LANE + number;
    }

    /** What the keys of all sessions begin with, and of no contender. */
    String sessions() {
        return root() + SESSIONS + "/";
    }

    /** Whether a key that no session holds any more was a session's own. */
    boolean isSession(KeyEntry entry) {
        return entry.key().startsWith(sessions())
                && entry.key().substring(sessions().length()).matches(ID);
    }

    /** The key of the session that wrote a journal or a lane; empty when this is neither. */
    Optional<String> sessionBeside(String key) {
        Matcher beside = BESIDE.matcher(key);
        return key.startsWith(sessions()) && beside.matches() ? Optional.of(beside.group(1)) : Optional.empty();
    }

    /** Whether a key that no session holds any more was a contender's: by how it is called, and what it says. */
    static boolean isContender(KeyEntry entry) {
        return isCalledContender(entry.key()) && entry.mark().isPresent();
    }

    /** Whether a key is called as a contender's. */
    static boolean isCalledContender(String key) {
        return CONTENDER.matcher(key).matches();
    }

    /** Whether a key is called as one of a session's own. */
    boolean isSessions(String key) {
        return sessionBeside(key).isPresent()
                || key.substring(sessions().length()).matches(ID);
    }

    /**
     * The name that a contender's key belongs to.
     *
     * @return empty when this is no contender's key: a session's, or a stranger's
     */
    Optional<String> name(String key) {
        if (!key.startsWith(root())) {
            return Optional.empty();
        }
        int end = key.indexOf('/', root().length());
        if (end < 0 || key.indexOf('/', end + 1) >= 0) {
            return Optional.empty();
        }
        return NAMES.decode(key.substring(root().length(), end));
    }
}
