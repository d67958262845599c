// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.util.ArrayDeque;

/**
 * The lanes of a session: as many as contends were ever on their way at once, or wait for their undo. Contends that are on their way
 * together do not refuse each other, which they would with one for all. Thread-safe.
 */
final class Lanes {
    private final LockKeys keys;
    private final long leaseId;

    // Guarded by this.
    private final ArrayDeque<Lane> free = new ArrayDeque<>();
    private int made;

    Lanes(LockKeys keys, long leaseId) {
        this.keys = keys;
        this.leaseId = leaseId;
    }

    /** One that no other contend has. */
    synchronized Lane take() {
        Lane used = free.poll();
        return used != null ? used : new Lane(LockKeys.bytes(keys.lane(leaseId, made++)), leaseId);
    }

    /** Its contend was answered, or undone, or never sent: its revision is known. */
    synchronized void giveBack(Lane lane) {
        free.push(lane);
    }
}
