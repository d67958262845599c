// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A waiting contender's looks at its line: one at a time, and once more when it is woken meanwhile.
 *
 * <p>Each is a linearizable read, and nothing else decides: an own key that is gone never wins.
 */
final class Looks {
    private final EtcdContender contender;
    private final EtcdSession session;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();

    Looks(EtcdContender contender, EtcdSession session) {
        this.contender = contender;
        this.session = session;
    }

    /** Something happened before the contender in line, or may have. */
    void look() {
        if (!contender.isWaiting()) {
            return;
        }
        again.set(true);
        if (looking.compareAndSet(false, true)) {
            goOn();
        }
    }

    private void goOn() {
        again.set(false);
        read().thenAccept(this::found).whenComplete((done, failure) -> {
            looking.set(false); // also when there is no time to look later: the next renewal looks again
            if (failure != null) { // or nobody would ever look again
                session.lookLater(contender);
            } else if (again.get()) {
                look();
            }
        });
    }

    private CompletableFuture<TxnResponse> read() {
        try {
            return session.readLine(contender);
        } catch (RuntimeException | Error e) { // a scheduler that was closed
            return CompletableFuture.failedFuture(e);
        }
    }

    private void found(TxnResponse reply) {
        GetResponse own = reply.getGetResponses().get(0);
        GetResponse before = reply.getGetResponses().get(1);
        if (!contender.isAt(own)) {
            contender.over();
        } else if (before.getKvs().isEmpty()) {
            contender.first();
        } else {
            String next = LockKeys.text(before.getKvs().get(0).getKey());
            contender.waiting(new Place(next, reply.getHeader().getRevision()));
        }
    }
}
