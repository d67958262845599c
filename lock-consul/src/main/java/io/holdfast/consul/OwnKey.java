// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A key that only its session writes, and the newest index that Consul has told of it. Indexes only grow: one that is older than
 * what was told before is of data that went back in time, after a restore. Thread-safe.
 */
final class OwnKey {
    private final String key;
    private final AtomicLong newest;

    OwnKey(String key, long index) {
        this.key = key;
        this.newest = new AtomicLong(index);
    }

    String key() {
        return key;
    }

    /** Of the last write that was answered; another one may have come since. */
    long newest() {
        return newest.get();
    }

    /** Consul has told an index. */
    void told(long index) {
        newest.accumulateAndGet(index, Math::max);
    }

    /** Takes what is told of this key from an answer. */
    void told(Iterable<KeyEntry> answer) {
        for (KeyEntry entry : answer) {
            if (entry.key().equals(key)) {
                told(entry.modified());
            }
        }
    }
}
