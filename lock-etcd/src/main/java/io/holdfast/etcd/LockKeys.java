// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.holdfast.spi.NameCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where things are under a prefix: a contender at {@code PREFIX/NAME/LEASE-SLOT}, a session at {@code PREFIX/%session/LEASE}, its
 * lanes at {@code PREFIX/%session/LEASE-N}.
 *
 * <p>NAME is the lock's name in {@link NameCode} with {@code %XX}. A plain one is stored as it is, which makes the line the one that
 * {@code etcdctl lock PREFIX/NAME} stands in; {@code %session} is none (rules NA-2, NA-3).
 *
 * @param prefix without a slash at its end
 */
record LockKeys(String prefix) {
    private static final NameCode NAMES = NameCode.escapedBy('%');
    private static final String SESSIONS = "%session";

    /** What the keys of all contenders for a name begin with. */
    String line(String name) {
        return prefix + "/" + NAMES.encode(name) + "/";
    }

    /** What every key of ours begins with. */
    String everything() {
        return prefix + "/";
    }

    /** What the keys of all sessions begin with, and of no contender. */
    String sessions() {
        return prefix + "/" + SESSIONS + "/";
    }

    String session(long lease) {
        return sessions() + Long.toHexString(lease);
    }

    /** Beside a session's key. */
    String lane(long lease, int number) {
        return session(lease) + "-" + number;
    }

    static String contender(String line, long lease, int slot) {
        return line + Long.toHexString(lease) + "-" + slot;
    }

    /**
     * The name in whose line a key stands.
     *
     * @param key any key under the prefix
     * @return empty when it stands in no line that {@link #line} makes
     */
    Optional<String> nameOf(String key) {
        int begin = prefix.length() + 1;
        int end = key.indexOf('/', begin);
        if (!key.startsWith(everything()) || end < 0 || key.indexOf('/', end + 1) >= 0) {
            return Optional.empty();
        }
        return NAMES.decode(key.substring(begin, end));
    }

    /** A key as jetcd takes it. */
    static ByteSequence bytes(String key) {
        return ByteSequence.from(key, StandardCharsets.UTF_8);
    }

    /** A key as jetcd gives it. */
    static String text(ByteSequence key) {
        return key.toString(StandardCharsets.UTF_8);
    }
}
