// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.NameCode;
import java.util.Optional;

/**
 * Where things are in Consul: {@code PREFIX/NAME/SESSION-SLOT} for a contender, {@code PREFIX/~session/SESSION} for a session.
 *
 * <p>NAME is the lock's name in {@link NameCode} with {@code ~XX}. Nothing in a key means anything in a URL, where consul-api puts it as it is: no {@code # ? % /} and no space, no
 * path that a server would shorten (rules NA-2, NA-3).
 *
 * @param prefix segments without meaning in a URL, joined by slashes
 */
record LockKeys(String prefix) {
    private static final NameCode NAMES = NameCode.escapedBy('~');

    /** No name is written like this: what follows its tilde is no hexadecimal number. */
    private static final String SESSIONS = "~session";

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
        return root() + SESSIONS + "/" + id;
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
