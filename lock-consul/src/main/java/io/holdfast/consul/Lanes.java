// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys of a session that make a contend count once: each contend that is on its way has a lane to itself, compares its index and
 * writes it. So a copy of one that was answered is refused, however late it comes (rule UO-4), and contends that are on their way
 * together do not refuse each other. There are as many as contends were ever on their way at once, or wait for their undo.
 * Thread-safe.
 */
final class Lanes {
    private final LockKeys keys;
    private final String session;

    // Guarded by this.
    private final List<String> made = new ArrayList<>();
    private final ArrayDeque<OwnKey> free = new ArrayDeque<>();

    Lanes(LockKeys keys, String session) {
        this.keys = keys;
        this.session = session;
    }

    /** One that no other contend has; of index 0 while Consul has no such key. */
    synchronized OwnKey take() {
        OwnKey used = free.poll();
        if (used != null) {
            return used;
        }
        String key = keys.lane(session, made.size());
        made.add(key);
        return new OwnKey(key, 0);
    }

    /** Its contend was answered, or undone, or never sent: its index is known. */
    synchronized void giveBack(OwnKey lane) {
        free.push(lane);
    }

    /** All that may be in Consul. */
    synchronized List<String> keys() {
        return List.copyOf(made);
    }
}
