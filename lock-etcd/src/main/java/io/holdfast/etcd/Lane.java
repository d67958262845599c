// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import java.util.List;

/**
 * A key of a session that makes a contend count once (rules UO-2, UO-4): a contend counts only while the key has the revision that
 * is known, and writes it. One contend on its way has it to itself. Thread-safe.
 */
final class Lane {
    private final ByteSequence key;
    private final PutOption underLease;

    /** Of the last write that is known; 0 while there was none. Guarded by this. */
    private long revision;

    Lane(ByteSequence key, long leaseId) {
        this.key = key;
        this.underLease = PutOption.builder().withLeaseId(leaseId).build();
    }

    /** What was read or written last. Revisions only grow. */
    synchronized void advance(long seen) {
        revision = Math.max(revision, seen);
    }

    synchronized long revision() {
        return revision;
    }

    Cmp isUnchanged() {
        return Requests.changedAt(key, revision());
    }

    /** Whether it was written last by a contend, which no later one and no undo has followed. */
    Cmp isOf(long contender) {
        return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.value(text(contender)));
    }

    Op use(long contender) {
        return Op.put(key, text(contender), underLease);
    }

    Op undo(long contender) {
        return Op.put(key, LockKeys.bytes("undone " + contender), underLease);
    }

    private static ByteSequence text(long contender) {
        return LockKeys.bytes(Long.toString(contender));
    }

    Op look() {
        return Requests.look(key);
    }

    /** The revision that a read of it shows; 0 when it is not there. */
    static long revisionIn(GetResponse read) {
        List<KeyValue> found = read.getKvs();
        return found.isEmpty() ? 0 : found.get(0).getModRevision();
    }
}
