// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.etcd.EtcdSession.Opened;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The opening of a session: takes a lease and puts the session's key under it, again and again until {@code connect-timeout} has passed
 * (an election, a restart, a member of several that cannot serve). A lease whose answer never came is under nobody's key and ends.
 */
final class Opening {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final int LONGEST_PAUSE_SHIFT = 5;

    /** Ends a little before who waits for it gives up, since it knows why. */
    private static final int SHARE_OF_TEN = 9;

    /** A member that hangs does not take all the time from the others. */
    private static final int ATTEMPTS_AT_LEAST = 3;

    private final EtcdLine line;
    private final SessionOptions options;
    private final LockRuntime runtime;
    private final long begun;
    private final long limitNanos;
    private final CompletableFuture<Opened> opened = new CompletableFuture<>();
    private volatile @Nullable LockException known;

    Opening(EtcdLine line, SessionOptions options) {
        this.line = line;
        this.options = options;
        this.runtime = options.runtime();
        this.begun = runtime.clock().nanoTime();
        this.limitNanos = line.settings().connectTimeout().toNanos() / 10 * SHARE_OF_TEN;
    }

    /** Fails with the last attempt's reason, at once when another attempt would be refused as well. */
    CompletableFuture<Opened> begin() {
        attempt(0);
        return opened;
    }

    private long left() {
        return limitNanos - (runtime.clock().nanoTime() - begun);
    }

    private void attempt(int number) {
        EtcdSettings settings = line.settings();
        long most = line.hasSeveralMembers()
                ? Math.max(settings.operationTimeout().toNanos(), limitNanos / ATTEMPTS_AT_LEAST)
                : limitNanos;
        long left = Math.max(1, left());
        asked(Duration.ofNanos(Math.min(left, most))).whenComplete((found, failure) -> {
            if (failure == null) {
                opened.complete(found);
            } else {
                failed(line.failures().atOpen(failure), number, left < most);
            }
        });
    }

    private CompletableFuture<Opened> asked(Duration limit) {
        try {
            Requests requests = line.requests(limit);
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

    /** The last attempt may have had too little time to learn anything: then the one before it is who knows. */
    private void failed(LockException latest, int number, boolean cutShort) {
        LockException why = cutShort && known != null ? known : latest;
        known = why;
        long pause = (FIRST_PAUSE_MILLIS << Math.min(number, LONGEST_PAUSE_SHIFT)) * 1_000_000L;
        boolean mayPass = latest instanceof LockUnavailableException && !Failures.isClosed(latest) && !line.isClosed();
        if (mayPass && left() > pause + TimeUnit.MILLISECONDS.toNanos(1)) {
            runtime.scheduler().schedule(() -> attempt(number + 1), pause);
        } else {
            opened.completeExceptionally(latest instanceof LockUnavailableException ? why : latest);
        }
    }
}
