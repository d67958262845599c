// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.holdfast.etcd.EtcdSession.Opened;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The opening of a session: takes a lease and puts the session's key under it, once; trying again is the engine's matter (rule OP-1).
 * A lease whose answer never came is under nobody's key and ends.
 */
final class Opening {
    private final EtcdLine line;
    private final SessionOptions options;
    private final LockRuntime runtime;

    Opening(EtcdLine line, SessionOptions options) {
        this.line = line;
        this.options = options;
        this.runtime = options.runtime();
    }

    CompletableFuture<Opened> begin() {
        CompletableFuture<Opened> opened = new CompletableFuture<>();
        asked().whenComplete((found, failure) -> {
            if (failure == null) {
                opened.complete(found);
            } else {
                opened.completeExceptionally(line.failures().atOpen(failure));
            }
        });
        return opened;
    }

    private CompletableFuture<Opened> asked() {
        try {
            Requests requests = line.requests(line.settings().oneTry());
            // Just before it leaves: the lease is counted from here (rule ME-2).
            long openedAt = runtime.clock().nanoTime();
            return requests.grant(options.lease().toSeconds(), runtime)
                    .thenCompose(granted -> putKey(granted, requests, openedAt));
        } catch (RuntimeException e) { // a client that was closed
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Opened> putKey(LeaseGrantResponse granted, Requests requests, long openedAt) {
        // What is granted beyond what was asked for is not used.
        long seconds = Math.min(granted.getTTL(), options.lease().toSeconds());
        Op put = Op.put(
                LockKeys.bytes(line.keys().session(granted.getID())),
                LockKeys.bytes(runtime.clock().wallMillis() + " " + options.label()),
                PutOption.builder().withLeaseId(granted.getID()).build());
        return requests.send(new Transaction("open a session", List.of(), List.of(put), List.of()), runtime)
                .thenApply(TxnResponse::getHeader)
                .thenApply(header -> new Opened(granted.getID(), Duration.ofSeconds(seconds), header, openedAt))
                .whenComplete((found, failure) -> {
                    if (failure != null) {
                        line.requests().revoke(granted.getID(), runtime);
                    }
                });
    }
}
