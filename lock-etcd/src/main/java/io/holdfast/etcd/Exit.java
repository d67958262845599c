// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.TxnResponse;
import io.holdfast.etcd.Requests.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How contenders of a session leave the line: by the deletion of their very own key, and of no later one in its slot (rule UO-3). */
final class Exit {
    private final EtcdSession session;
    private final Gate gate = new Gate(EtcdSession.AT_ONCE);

    Exit(EtcdSession session) {
        this.session = session;
    }

    /** Deletes a key that was created at a revision. @return whether it was there */
    CompletableFuture<Boolean> remove(EtcdContender contender, long created) {
        ByteSequence key = contender.key().bytes();
        Transaction release = new Transaction(
                "release", List.of(Requests.createdAt(key, created)), List.of(Requests.delete(key)), List.of());
        CompletableFuture<Boolean> removed = new CompletableFuture<>();
        gate.enter(() -> sent(release).whenComplete((reply, failure) -> {
            gate.leave();
            if (failure == null) {
                removed.complete(reply.isSucceeded());
            } else {
                removed.completeExceptionally(failure);
            }
        }));
        return removed;
    }

    private CompletableFuture<TxnResponse> sent(Transaction release) {
        try {
            return session.send(release);
        } catch (RuntimeException e) { // a scheduler that was closed
            return CompletableFuture.failedFuture(e);
        }
    }
}
