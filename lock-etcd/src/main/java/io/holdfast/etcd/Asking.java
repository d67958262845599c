// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.LockException;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request, with a time of ours after which it has failed, whatever jetcd does. While a member says that it did not look at it,
 * having no leader or being a learner, it goes out again, to the next member by gRPC's round robin. Thread-safe; never blocks.
 *
 * @param <R> what is answered
 */
final class Asking<R> {
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final int LONGEST_PAUSE_SHIFT = 4;

    private static final int SHARE_OF_TEN = 9;

    /** So often at once, since another member may well take it; then with pauses, since an election takes its time. */
    private static final int AT_ONCE = 2;

    private final Supplier<CompletableFuture<R>> request;
    private final String what;
    private final Failures failures;
    private final LockRuntime runtime;
    private final CompletableFuture<R> answer = new CompletableFuture<>();

    private final long begun;
    private long limitNanos;

    // Guarded by this.
    private boolean underWay;
    private boolean late;
    private int refusals;
    private @Nullable LockException refusal;

    Asking(Supplier<CompletableFuture<R>> request, String what, Failures failures, LockRuntime runtime) {
        this.request = request;
        this.what = what;
        this.failures = failures;
        this.runtime = runtime;
        this.begun = runtime.clock().nanoTime();
    }

    /**
     * Sends it.
     *
     * @param nanos how long it may take, with all that is sent again
     * @return fails with one of ours; with jetcd's own where that tells more: the lease has ended, or {@link Effect#SETTLED}
     */
    CompletableFuture<R> begin(long nanos) {
        limitNanos = nanos;
        Scheduled limit = runtime.scheduler().schedule(this::limitPassed, nanos);
        answer.whenComplete((value, failure) -> limit.cancel());
        send();
        return answer;
    }

    /** Between two sendings nothing is under way, and that is known. */
    private void limitPassed() {
        LockException known;
        synchronized (this) {
            late = true;
            known = underWay ? null : refusal;
        }
        answer.completeExceptionally(known == null ? failures.unanswered(what, "operation-timeout has passed") : known);
    }

    private void send() {
        synchronized (this) {
            if (late) { // it has been told that nothing is under way, which must stay so
                return;
            }
            underWay = true;
        }
        try {
            request.get().whenComplete(this::answered);
        } catch (RuntimeException e) { // a client that was closed
            answer.completeExceptionally(failures.of(e, what));
        }
    }

    private void answered(@Nullable R value, @Nullable Throwable failure) {
        if (failure == null) {
            answer.complete(value);
        } else if (Effect.isElsewhere(failure)) {
            sendAgain(failures.of(failure, what));
        } else {
            boolean tellsMore = Failures.isLeaseGone(failure) || Effect.of(failure) == Effect.SETTLED;
            answer.completeExceptionally(tellsMore ? failure : failures.of(failure, what));
        }
    }

    private void sendAgain(LockException why) {
        int times;
        synchronized (this) {
            underWay = false;
            refusal = why;
            times = refusals++;
        }
        if (times < AT_ONCE) {
            send();
            return;
        }
        long pause = (FIRST_PAUSE_MILLIS << Math.min(times - AT_ONCE, LONGEST_PAUSE_SHIFT)) * 1_000_000L;
        long spent = runtime.clock().nanoTime() - begun;
        if (spent + pause > limitNanos / 10 * SHARE_OF_TEN) { // while somebody still hears why
            answer.completeExceptionally(why);
        } else {
            runtime.scheduler().schedule(this::send, pause);
        }
    }
}
