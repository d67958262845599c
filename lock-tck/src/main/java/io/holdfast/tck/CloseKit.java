// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.HOLD_REPLY;

import io.holdfast.LockClient;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** CL: closing a client ends all it has, in time, and nothing else. */
abstract class CloseKit extends SpiCase {
    private static final int BESIDE = 10;

    @Test
    @Proves("CL-1")
    void closeFreesTheHoldsAndEndsTheWaits() throws Exception {
        String held = name();
        String awaited = name();
        LockClient other = client();
        hold("CL-1", other, awaited);
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockHandle hold = hold("CL-1", client, held);
        List<Call<?>> waits = List.of(
                begin(() -> client.acquire(awaited)),
                begin(() -> {
                    client.lock(awaited).lock();
                    return true;
                }),
                begin(() -> client.acquireAsync(awaited).toCompletableFuture().get(1, TimeUnit.HOURS)));
        eventually("CL-1", () -> client.metrics().waiting() == waits.size(), () -> "waiting: " + client.metrics());
        client.close();
        client.close();
        check("CL-1", !hold.isValid(), () -> "a hold is valid after its client was closed");
        for (Call<?> wait : waits.subList(0, 2)) {
            thrown("CL-1", LockClosedException.class, "a wait whose client was closed", wait);
        }
        Exception async = thrown("CL-1", Exception.class, "an acquisition whose client was closed", waits.get(2));
        check(
                "CL-1",
                async.getCause() instanceof LockClosedException,
                () -> "an asynchronous acquisition ended with " + async);
        free("CL-1", other, held);
        eventually(
                "CL-1",
                () -> other.lock(awaited).inspect().contenders() == 1,
                () -> "a closed client left contenders: " + other.lock(awaited).inspect());
        check("CL-1", tap.count(Step.CLOSE) >= 1, () -> "the session was not ended: " + tap.counts());
    }

    @Test
    @Proves("CL-1")
    void everyCallAfterCloseSaysSo() throws Exception {
        String name = name();
        LockClient client = client();
        client.close();
        Map<String, Callable<?>> calls = Map.of(
                "acquire", () -> client.acquire(name),
                "tryAcquire", () -> client.tryAcquire(name),
                "timed tryAcquire", () -> client.tryAcquire(name, patience()),
                "tryLock", () -> client.lock(name).tryLock(),
                "withLock", () -> client.withLock(name, patience(), hold -> true),
                "all", () -> client.all(List.of(name)).acquire());
        for (Map.Entry<String, Callable<?>> call : calls.entrySet()) {
            LockClosedException closed =
                    throwing("CL-1", LockClosedException.class, call.getKey() + " after close", call.getValue());
            check("ER-1", closed.getMessage() != null, () -> call.getKey() + " after close says nothing");
        }
    }

    @Test
    @Proves({"CL-1", "CL-2"})
    void whatIsAcquiredBesideCloseIsFreeAfterIt() throws Exception {
        LockClient other = client();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < BESIDE; round++) {
            String name = name();
            String second = name();
            LockClient client = client();
            List<Call<Boolean>> acquiring = List.of(
                    begin(() -> acquiresUntilClosed(client, name)), begin(() -> acquiresUntilClosed(client, second)));
            Await.pass(Duration.ofNanos(random.nextInt(2_000_000)));
            result("CL-2", patience(), "close beside acquiring (seed " + seed + ")", begin(() -> {
                client.close();
                return true;
            }));
            for (Call<Boolean> call : acquiring) {
                result("CL-1", patience(), "acquiring beside close (seed " + seed + ")", call);
            }
            free("CL-1", other, name).release();
            free("CL-1", other, second).release();
            eventually(
                    "CL-1",
                    () -> other.lock(name).inspect().contenders() == 0,
                    () -> "what was acquired beside close is left in the store: "
                            + other.lock(name).inspect() + " (seed " + seed + ")");
        }
    }

    private static boolean acquiresUntilClosed(LockClient client, String name) throws InterruptedException {
        try {
            while (true) {
                client.acquire(name).release();
            }
        } catch (LockClosedException end) {
            return true;
        }
    }

    @Test
    @Alone
    @Proves("CL-2")
    void closeIsBoundedAlthoughTheStoreDoesNotAnswer() throws Exception {
        Duration limit = time().moment().multipliedBy(2);
        Tap tap = new Tap();
        LockClient client = client(tap, config -> config.withCloseTimeout(limit));
        LockHandle hold = hold("CL-2", client, name());
        String busy = name();
        hold("CL-2", client(), busy);
        Call<?> waiting = begin(() -> client.acquire(busy));
        eventually("CL-2", () -> client.metrics().waiting() == 1, () -> "waiting: " + client.metrics());
        for (Step step : List.of(Step.RELEASE, Step.WITHDRAW, Step.CLOSE, Step.RENEW)) {
            tap.disturb(step, HOLD_REPLY);
        }
        long begun = System.nanoTime();
        result("CL-2", limit.plus(patience()), "close, with a store that does not answer,", begin(() -> {
            client.close();
            return true;
        }));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check(
                "CL-2",
                took.compareTo(limit.plus(time().scaled(2000))) < 0,
                () -> "close took " + took + " with a close-timeout of " + limit);
        check("CL-1", !hold.isValid(), () -> "a hold is valid after its client was closed");
        thrown("CL-1", LockClosedException.class, "a wait whose client was closed", waiting);
    }

    @Test
    @Alone
    @Proves("CL-3")
    void clientsThatComeAndGoLeaveNoThreads() throws Exception {
        comeAndGo(); // what a store client keeps for the whole JVM comes with the first one
        Set<Thread> before = LeaksKit.steadyThreads(time());
        for (int i = 0; i < 5; i++) {
            comeAndGo();
        }
        eventually(
                "CL-3",
                () -> LeaksKit.threads().size() <= before.size(),
                () -> "of five clients that were closed these threads are left: "
                        + LeaksKit.threads().stream()
                                .filter(thread -> !before.contains(thread))
                                .map(Thread::getName)
                                .sorted()
                                .toList());
    }

    private void comeAndGo() throws Exception {
        LockBackend backend = scene().backend();
        LockClient client = LockClient.open(backend, scene().config(UnaryOperator.identity()));
        hold("CL-3", client, name());
        client.close();
        backend.close();
    }

    @Test
    @Proves("CL-4")
    void aLentBackendStaysOpen() throws Exception {
        LockBackend backend = scene().backend();
        String name = name();
        LockClient first = scene().keep(LockClient.open(backend, scene().config(UnaryOperator.identity())));
        LockClient second = scene().keep(LockClient.open(backend, scene().config(UnaryOperator.identity())));
        LockHandle kept = hold("CL-4", second, name());
        hold("CL-4", first, name);
        check("RE-6", second.tryAcquire(name).isEmpty(), () -> "two clients of one backend both hold '" + name + "'");
        first.close();
        check("CL-4", kept.isValid(), () -> "closing one client of a backend ended another one's hold");
        free("CL-4", second, name);
        backend.inspect(name).toCompletableFuture().get(patience().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What renews, or listens, may be the connection's, and there is another client on it. */
    @Test
    @Proves({"CL-4", "KE-1"})
    void theRenewalsOfOneClientOutliveAnotherOnesClose() throws Exception {
        whileRenewalsAreInTime(Set.of("CL-4"), () -> {
            LockBackend backend = scene().backend();
            UnaryOperator<LockConfig> briefly = config -> config.withLease(lease());
            LockClient first = scene().keep(LockClient.open(backend, scene().config(briefly)));
            LockClient second = scene().keep(LockClient.open(backend, scene().config(briefly)));
            LockHandle kept = hold("CL-4", second, name());
            hold("CL-4", first, name());
            first.close();
            Await.pass(lease().multipliedBy(3).dividedBy(2));
            check(
                    "CL-4",
                    kept.isValid(),
                    () -> "one client of a backend was closed, and another one's hold is not renewed");
            check("CL-4", kept.release() == ReleaseOutcome.RELEASED, () -> "'" + kept.name() + "' was gone");
        });
    }

    /** Who was lent a backend may ask it after its end, and the engine does while it closes. */
    @Test
    @Proves({"CL-1", "ER-1", "ER-2", "SP-3"})
    void aBackendThatIsClosedAnswersWithErrorsOfOurs() throws Exception {
        LockBackend backend = scene().backend();
        SpiClient used =
                scene().endedByTheTest(backend, new SessionOptions(time().longLease(), name(), scene().runtime()));
        done("CL-1", "close()", used.session().close());
        String store = backend.store();
        result("CL-2", patience(), "the close of a backend", closing(backend));
        String closed = result("ER-1", patience(), "the address of a backend that is closed", begin(backend::store));
        check(
                "ER-1",
                store.equals(closed),
                () -> "the errors of a closed backend's clients name its store, which was '" + store + "' and is "
                        + closed);
        result("CL-2", patience(), "the second close of a backend", closing(backend));
        SessionOptions options = new SessionOptions(time().longLease(), name(), scene().runtime());
        Map<String, Callable<CompletionStage<?>>> questions = new LinkedHashMap<>();
        questions.put("inspect", () -> backend.inspect("kit-closed"));
        questions.put("list", backend::list);
        questions.put("forceRelease", () -> backend.forceRelease("kit-closed", OptionalLong.empty()));
        questions.put("diagnose", backend::diagnose);
        questions.put("openSession", () -> backend.openSession(options, used));
        questions.put("a renewal", () -> used.session().renew(List.of()));
        questions.put("a second close of a session", () -> used.session().close());
        for (Map.Entry<String, Callable<CompletionStage<?>>> each : questions.entrySet()) {
            String what = each.getKey() + " of a backend that is closed";
            Throwable failure = failure(what, each.getValue());
            check(
                    "ER-2",
                    failure == null || failure instanceof LockException,
                    () -> what + " fails with " + failure + ", which is none of Holdfast's exceptions");
            check(
                    "CL-1",
                    failure != null || !each.getKey().equals("openSession"),
                    () -> "a backend that is closed opens a session, which nobody ends");
        }
    }

    private Call<Boolean> closing(LockBackend backend) {
        return begin(() -> {
            backend.close();
            return true;
        });
    }

    /** Why a stage failed, or the call that should have answered with one. */
    private @Nullable Throwable failure(String what, Callable<CompletionStage<?>> question) throws Exception {
        return result("SP-3", patience(), what, begin(() -> {
            try {
                question.call().toCompletableFuture().get();
                return null;
            } catch (ExecutionException failed) {
                Throwable cause = failed.getCause();
                return cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
            } catch (Exception thrown) {
                return thrown;
            }
        }));
    }

    /** A label is for people: two clients may have the same one, or one that begins with the other's, and are two clients. */
    @Test
    @Proves({"RE-6", "CL-1"})
    void clientsOfOneLabelAreStrangers() throws Exception {
        String label = name();
        for (String second : List.of(label, label + "1", "1" + label, label.substring(0, label.length() - 1))) {
            areStrangers(label, second);
        }
    }

    private void areStrangers(String label, String alike) throws Exception {
        LockClient first = client(config -> config.withLabel(label));
        LockClient second = client(config -> config.withLabel(alike));
        LockClient other = client();
        String held = name();
        String closed = name();
        LockHandle hold = hold("RE-6", first, held);
        check(
                "RE-6",
                second.tryAcquire(held).isEmpty(),
                () -> "two clients of one label both hold '" + held + "': they are called " + label + " and " + alike);
        hold("RE-6", second, closed);
        check(
                "RE-6",
                first.tryAcquire(closed).isEmpty(),
                () -> "two clients of one label both hold '" + closed + "': they are called " + alike + " and "
                        + label);
        second.close();
        free("CL-1", other, closed);
        check(
                "CL-1",
                hold.isValid() && other.tryAcquire(held).isEmpty(),
                () -> "the close of one client freed what another one of the same label holds: they were called "
                        + alike + " and " + label);
        check("UO-3", hold.release() == ReleaseOutcome.RELEASED, () -> "'" + held + "' was gone before its release");
    }
}
