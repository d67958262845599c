// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** WA-13: a result that nobody can get is not kept. */
class DeliverableTest extends EngineTestBase {
    private CompletableFuture<LockHandle> asked(String name) {
        CompletableFuture<LockHandle> f = ask(name);
        session().place().queue();
        time.settle();
        return f;
    }

    private void isWithdrawn(CompletableFuture<LockHandle> f) {
        time.settle();
        assertThat(f).isCancelled();
        assertThat(session().place().withdrawals).hasSize(1);
    }

    @Test
    void wa13_the_end_of_the_only_dependent_withdraws() {
        List<Consumer<CompletableFuture<?>>> ends = List.of(
                f -> f.cancel(true), f -> f.complete(null), f -> f.completeExceptionally(new TimeoutException()));
        for (int i = 0; i < ends.size(); i++) {
            CompletableFuture<LockHandle> f = asked("n" + i);
            CompletableFuture<Void> last = f.thenApply(LockHandle::fencingToken).thenAccept(token -> {});
            ends.get(i).accept(last);
            isWithdrawn(f);
        }
    }

    @Test
    void wa13_a_limit_in_time_on_a_dependent_withdraws() {
        CompletableFuture<LockHandle> f = asked("a");
        CompletableFuture<Long> last = f.thenApply(LockHandle::fencingToken).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThatThrownBy(last::join).hasCauseInstanceOf(TimeoutException.class);
        // The timer's thread wakes who waits for the stage before it goes on to what the stage was made of.
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> !session().place().withdrawals.isEmpty());
        isWithdrawn(f);
    }

    @Test
    void wa13_a_limit_in_time_is_no_dependent() {
        CompletableFuture<LockHandle> f = asked("a");
        f.orTimeout(1, TimeUnit.HOURS).thenApply(h -> h).cancel(false);
        isWithdrawn(f);
    }

    @Test
    void wa13_as_long_as_one_dependent_can_get_it_it_is_waited_for() {
        CompletableFuture<LockHandle> f = asked("a");
        CompletableFuture<Long> one = f.thenApply(LockHandle::fencingToken);
        CompletableFuture<Long> other = f.thenApply(LockHandle::fencingToken);
        one.cancel(false);
        time.settle();
        assertThat(f).isNotDone();
        session().place().grant();
        time.settle();
        assertThat(other).isCompletedWithValue(f.join().fencingToken());
        assertThat(one).isCancelled();
    }

    @Test
    void wa13_what_has_no_dependents_is_waited_for() {
        CompletableFuture<LockHandle> f = asked("a");
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    /** The other one came first: the stage made of both is done, by nobody's cancelling. */
    @Test
    void wa13_a_grant_that_comes_second_of_two_goes_back() {
        CompletableFuture<LockHandle> f = asked("a");
        CompletableFuture<LockHandle> other = new CompletableFuture<>();
        CompletableFuture<Object> either = f.applyToEither(other, h -> h);
        other.complete(null);
        assertThat(either).isDone();
        session().place().grant();
        time.settle();
        assertThat(session().releases).hasSize(1);
        assertThat(f).as("who waits for it itself").isCancelled();
    }

    /** The function waits for its executor; the stage ends meanwhile, and the function will never begin. */
    @Test
    void wa13_a_dependent_that_ends_before_its_function_begins_gives_the_lock_back() {
        CompletableFuture<LockHandle> f = asked("a");
        List<Runnable> tasks = new ArrayList<>();
        CompletableFuture<Long> last = f.thenApplyAsync(LockHandle::fencingToken, tasks::add);
        session().place().grant();
        time.settle();
        assertThat(session().releases).as("somebody may get it").isEmpty();
        last.cancel(false);
        time.settle();
        assertThat(session().releases).hasSize(1);
        tasks.forEach(Runnable::run);
        assertThat(last).isCancelled();
        assertThatThrownBy(f::join).as("who comes later is told").isInstanceOf(CancellationException.class);
        assertThatThrownBy(f.thenApply(h -> h)::join).hasCauseInstanceOf(CancellationException.class);
        assertThat(f.handle((h, failure) -> h == null && failure != null).join())
                .isTrue();
        assertThat(client().metrics().held()).isZero();
    }

    /** Its stage ends between the decision to deliver and the function's turn. */
    @Test
    void wa13_a_dependent_that_ends_in_the_middle_of_the_delivery_gives_the_lock_back() {
        CompletableFuture<LockHandle> f = asked("a");
        AtomicReference<CompletableFuture<Long>> last = new AtomicReference<>();
        last.set(f.thenApplyAsync(LockHandle::fencingToken, task -> {
            last.get().cancel(false);
            task.run();
        }));
        session().place().grant();
        time.settle();
        assertThat(last.get()).isCancelled();
        assertThat(session().releases).hasSize(1);
        assertThat(client().metrics().held()).isZero();
    }

    @Test
    void wa13_of_several_dependents_the_last_that_ends_gives_the_lock_back() {
        CompletableFuture<LockHandle> f = asked("a");
        List<Runnable> tasks = new ArrayList<>();
        CompletableFuture<Long> one = f.thenApplyAsync(LockHandle::fencingToken, tasks::add);
        CompletableFuture<Long> other = f.thenApplyAsync(LockHandle::fencingToken, tasks::add);
        session().place().grant();
        time.settle();
        one.completeExceptionally(new TimeoutException());
        time.settle();
        assertThat(session().releases).isEmpty();
        other.complete(0L);
        time.settle();
        assertThat(session().releases).hasSize(1);
    }

    @Test
    void wa13_what_a_caller_has_got_is_his() {
        List<Function<CompletableFuture<LockHandle>, LockHandle>> ways = List.of(
                CompletableFuture::join,
                f -> f.getNow(null),
                f -> assertDoesNotThrow(() -> f.get()),
                f -> assertDoesNotThrow(() -> f.get(1, TimeUnit.MINUTES)));
        for (int i = 0; i < ways.size(); i++) {
            CompletableFuture<LockHandle> f = asked("n" + i);
            CompletableFuture<Long> last = f.thenApplyAsync(LockHandle::fencingToken, task -> {});
            session().place().grant();
            time.settle();
            LockHandle got = ways.get(i).apply(f);
            last.cancel(false);
            time.settle();
            assertThat(got.isValid()).isTrue();
            assertThat(session().releases).isEmpty();
        }
    }

    /** Its stage may be ended then, as by a limit in time: what works with the lock, or only under it, goes on. */
    @Test
    void wa13_a_function_that_has_begun_has_the_lock() {
        List<BiFunction<CompletableFuture<LockHandle>, Runnable, CompletableFuture<?>>> ways = waysToDepend();
        for (int i = 0; i < ways.size(); i++) {
            CompletableFuture<LockHandle> f = asked("n" + i);
            AtomicReference<CompletableFuture<?>> last = new AtomicReference<>();
            AtomicInteger began = new AtomicInteger();
            last.set(ways.get(i).apply(f, () -> {
                began.incrementAndGet();
                last.get().cancel(false);
            }));
            session().place().grant();
            time.settle();
            assertThat(began).as("way " + i).hasValue(1);
            assertThat(last.get()).as("way " + i).isCancelled();
            assertThat(session().releases).as("way " + i).isEmpty();
            assertThat(f.join().isValid()).isTrue();
        }
    }

    private static List<BiFunction<CompletableFuture<LockHandle>, Runnable, CompletableFuture<?>>> waysToDepend() {
        Executor here = Runnable::run;
        CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
        CompletableFuture<LockHandle> never = new CompletableFuture<>();
        return List.of(
                (f, body) -> f.thenApply(h -> ran(body)),
                (f, body) -> f.thenApplyAsync(h -> ran(body), here),
                (f, body) -> f.thenAccept(h -> body.run()),
                (f, body) -> f.thenAcceptAsync(h -> body.run(), here),
                (f, body) -> f.thenRun(body),
                (f, body) -> f.thenRunAsync(body, here),
                (f, body) -> f.thenCompose(h -> CompletableFuture.completedStage(ran(body))),
                (f, body) -> f.thenComposeAsync(h -> CompletableFuture.completedStage(ran(body)), here),
                (f, body) -> f.handle((h, failure) -> ran(body)),
                (f, body) -> f.handleAsync((h, failure) -> ran(body), here),
                (f, body) -> f.whenComplete((h, failure) -> body.run()),
                (f, body) -> f.whenCompleteAsync((h, failure) -> body.run(), here),
                (f, body) -> f.thenCombine(done, (h, one) -> ran(body)),
                (f, body) -> f.thenCombineAsync(done, (h, one) -> ran(body), here),
                (f, body) -> f.thenAcceptBoth(done, (h, one) -> body.run()),
                (f, body) -> f.thenAcceptBothAsync(done, (h, one) -> body.run(), here),
                (f, body) -> f.runAfterBoth(done, body),
                (f, body) -> f.runAfterBothAsync(done, body, here),
                (f, body) -> f.applyToEither(never, h -> ran(body)),
                (f, body) -> f.applyToEitherAsync(never, h -> ran(body), here),
                (f, body) -> f.acceptEither(never, h -> body.run()),
                (f, body) -> f.acceptEitherAsync(never, h -> body.run(), here),
                (f, body) -> f.runAfterEither(never, body),
                (f, body) -> f.runAfterEitherAsync(never, body, here));
    }

    private static boolean ran(Runnable body) {
        body.run();
        return true;
    }

    @Test
    void wa13_a_failure_reaches_every_dependent() {
        CompletableFuture<LockHandle> f = asked("a");
        CompletableFuture<Long> last = f.thenApply(LockHandle::fencingToken);
        client().closeAsync();
        time.settle();
        assertThatThrownBy(last::join).hasCauseInstanceOf(io.holdfast.LockClosedException.class);
    }

    @Test
    void wa13_a_mid_stage_that_is_cancelled_withdraws() {
        CompletableFuture<LockHandle> f = asked("a");
        CompletableFuture<Long> mid = f.thenApply(LockHandle::fencingToken);
        CompletableFuture<String> last = mid.thenApply(String::valueOf);
        mid.cancel(true);
        isWithdrawn(f);
        assertThatThrownBy(last::join).hasCauseInstanceOf(CancellationException.class);
    }

    /** An executor must not refuse; one that was shut down does, and the grant must not stay with nobody. */
    @Test
    void wa13_a_grant_whose_completion_is_refused_goes_back() {
        CompletableFuture<LockHandle> f = asked("a");
        time.refusals.set(3); // the listener's two calls, and the completion
        session().place().grant();
        time.settle();
        assertThatThrownBy(f::join).hasCauseInstanceOf(LockUnavailableException.class);
        assertThat(session().releases).hasSize(1);
        assertThat(client().metrics().held()).isZero();
    }

    @Test
    void sp7_a_session_whose_opening_is_refused_is_opened_after_a_moment() {
        client();
        session().events.sessionLost("ended by the test");
        time.refusals.set(3);
        CompletableFuture<LockHandle> f = ask("a");
        time.advance(Duration.ofSeconds(1));
        assertThat(store.sessions).hasSize(2);
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void sp7_a_session_whose_opening_is_refused_again_and_again_is_a_failure_and_is_tried_anew() {
        client();
        session().events.sessionLost("ended by the test");
        time.refusals.set(7);
        CompletableFuture<LockHandle> f = ask("a");
        time.advance(Duration.ofSeconds(10));
        assertThat(store.sessions).hasSize(2);
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void theRuntimesExecutorRefusesAsJdkPoolsDo() {
        LockRuntime runtime = time;
        time.refusals.set(1);
        assertThatThrownBy(() -> runtime.executor().execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
