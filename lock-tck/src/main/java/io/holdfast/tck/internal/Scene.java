// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.HarnessTrouble;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import io.holdfast.tck.internal.Turns.Turn;
import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All that one test opens and begins, ended when the test ends, and looked at for leftovers. Used by the test's thread only. */
public final class Scene {
    private final Run run;
    private final Turn turn;
    private final ThreadGroup threads;
    private final String stem;
    private final AtomicInteger fresh = new AtomicInteger();
    private final Leftovers leftovers;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<Call<?>> calls = new ArrayList<>();
    private final List<Tap> taps = new ArrayList<>();
    private final Watch watch = new Watch();
    private final List<String> names = new CopyOnWriteArrayList<>();
    private boolean hasProcesses;
    private boolean hung;

    /**
     * Begins a test.
     *
     * @param turn its own, which the caller ends
     * @param test its name
     */
    public Scene(Run run, Turn turn, String test) throws Exception {
        this.run = run;
        this.turn = turn;
        this.threads = new ThreadGroup(test);
        this.stem = run.freshStem();
        this.leftovers = new Leftovers(run, turn, stem);
    }

    /** Whether nobody runs beside it who could be harmed, or be taken for its doing. */
    public boolean isAlone() {
        return turn.isAlone();
    }

    /** Of all that the test begins. */
    public ThreadGroup threads() {
        return threads;
    }

    /** Used by nobody else, and by no name that is made of another by putting something behind it. */
    private String freshName() {
        return stem + fresh.incrementAndGet() + "e";
    }

    public Run run() {
        return run;
    }

    /** The settings of this test's clients. */
    public LockConfig config(UnaryOperator<LockConfig> change) {
        return change.apply(base());
    }

    private LockConfig base() {
        return run.fixture().config().withLease(run.time().longLease()).withLabel(freshName());
    }

    /** A backend may ask for clock and scheduler when it is made. There is no client yet to supply them. */
    private LockConfig withRuntime(LockConfig config) {
        return config.withRuntime(run.runtime());
    }

    /** A session on a machine of its own, with the clocks of that. */
    public SpiClient spi(Duration lease, KitRuntime machine) throws Exception {
        return spi(open(base().withRuntime(machine)), new SessionOptions(lease, freshName(), machine));
    }

    /** A client on a backend of its own, as another process would have. */
    public LockClient client(@Nullable Tap tap, UnaryOperator<LockConfig> change) throws Exception {
        LockConfig base = base();
        LockConfig config = change.apply(base);
        LockBackend backend = open(change.apply(withRuntime(base)));
        if (tap != null) {
            taps.add(tap);
        }
        LockBackend tapped = tap == null ? backend : tap.on(backend);
        return keep(bounded("opening a client", () -> LockClient.open(tapped, config)));
    }

    /** A session without a client, on a backend of its own. */
    public SpiClient spi(Duration lease) throws Exception {
        return spi(lease, freshName());
    }

    /** A session of a client with a label, by which the fixture finds it. */
    public SpiClient spi(Duration lease, String label) throws Exception {
        return spi(backend(), new SessionOptions(lease, label, runtime()));
    }

    /** One more session of a backend. */
    public SpiClient spi(LockBackend backend, SessionOptions options) throws Exception {
        SpiClient client = endedByTheTest(backend, options);
        opened.push(() -> end(client.session()));
        return client;
    }

    /** One more session, which the test itself closes: a store may have no answer to a second close once the backend is closed. */
    public SpiClient endedByTheTest(LockBackend backend, SessionOptions options) throws Exception {
        SpiClient client = new SpiClient(backend);
        client.opened(settle(() -> backend.openSession(options, client).toCompletableFuture()));
        return client;
    }

    private void end(LockSession session) throws Exception {
        try {
            settle(() -> session.close().toCompletableFuture());
        } catch (java.util.concurrent.ExecutionException e) {
            Throwable cause = e;
            while (cause instanceof java.util.concurrent.ExecutionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new RuleFailure(
                    RuleBook.spec().rule("CL-1"),
                    "the close of session " + session.id() + ", at the end of the test, failed with " + cause,
                    cause);
        }
    }

    /** A process of its own with a client like ours, which obeys a {@link WitnessMain}'s commands. */
    public JavaProcess process(Duration lease) throws Exception {
        hasProcesses = true;
        JavaProcess process = Spares.OF_THIS_JVM.take(run.time().patience().multipliedBy(3));
        opened.push(() -> Spares.OF_THIS_JVM.giveBack(process, run.time().patience()));
        // Not as arguments, which every user of the machine can read: a password may be among them.
        process.send(WitnessMain.url(run.fixture().url()));
        process.send(WitnessMain.setting("lease", lease.toString()));
        process.send(WitnessMain.setting("label", freshName()));
        Providers.settings(run.fixture().config())
                .forEach((key, value) -> process.send(WitnessMain.setting(key, value)));
        process.send(WitnessMain.OPEN);
        try {
            process.answer("ready");
        } catch (IllegalStateException e) {
            throw new HarnessTrouble("a process of the kit did not come up: " + e.getMessage()
                    + "; is the backend on the class path of this one, and the machine not too busy?");
        }
        return process;
    }

    public LockBackend backend() throws Exception {
        return backend(config -> config);
    }

    /** A backend with settings of its own. */
    public LockBackend backend(UnaryOperator<LockConfig> change) throws Exception {
        return open(withRuntime(change.apply(base())));
    }

    private LockBackend open(LockConfig config) throws Exception {
        return keep(new WatchedBackend(
                bounded("opening a backend", () -> run.fixture().open(config)), watch));
    }

    /** On a thread of its own, since a backend that hangs must fail the test, not hang it. */
    private <T extends @Nullable Object> T bounded(String what, Callable<T> body) throws Exception {
        Duration limit = run.time().patience().multipliedBy(2);
        Call<T> call = begin(body);
        try {
            return call.get(limit);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new RuleFailure(
                    RuleBook.spec().rule("WA-1"),
                    what + " had not come to an end after " + DurationFormat.show(limit) + ": still in "
                            + String.join(" < ", Frames.of(call.thread().getStackTrace())),
                    e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    public KitRuntime runtime() {
        return keep(new KitRuntime());
    }

    private <T> T settle(Callable<? extends CompletableFuture<T>> stage) throws Exception {
        // On a thread of its own, since a blocking backend may block the caller.
        return begin(() -> stage.call().get(run.time().patience().toNanos(), TimeUnit.NANOSECONDS))
                .get(run.time().patience().multipliedBy(2));
    }

    /** Closes it when the test ends, last opened first. */
    public <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    public <T extends @Nullable Object> Call<T> begin(Callable<T> body) {
        Call<T> call = new Call<>(threads, "tck-call-" + (calls.size() + 1), body);
        calls.add(call);
        return call;
    }

    public String name() {
        String name = freshName();
        names.add(name);
        return name;
    }

    /** Ends everything; throws what went wrong on the way, and for leftovers. */
    public void close() throws Exception {
        List<Throwable> troubles = new ArrayList<>();
        calls.stream().map(Call::unseenFailure).filter(Objects::nonNull).forEach(troubles::add);
        if (turn.isAlone()) {
            attempt(troubles, run.fixture().faults()::heal);
        }
        taps.forEach(tap -> attempt(troubles, tap::heal));
        while (!opened.isEmpty()) {
            AutoCloseable next = opened.pop();
            attempt(troubles, () -> closeBounded(next));
        }
        endCalls(troubles);
        troubles.addAll(watch.broken());
        attempt(troubles, () -> leftovers.check(hasProcesses ? this::next : null));
        if (!troubles.isEmpty()) {
            raise(troubles);
        }
    }

    private void endCalls(List<Throwable> troubles) throws InterruptedException {
        for (Call<?> call : List.copyOf(calls)) {
            Throwable trouble = call.end(hung ? run.time().moment() : run.time().patience());
            if (trouble != null) {
                hung = true;
                troubles.add(trouble);
            }
        }
    }

    /** A process is ended, not closed: what its client leaves goes with its lease, or with a client that comes next. */
    private void next() throws Exception {
        LockClient next = client(null, config -> config);
        for (String name : names) {
            next.acquire(name, run.time().takeover()).close();
        }
        while (!opened.isEmpty()) {
            closeBounded(opened.pop());
        }
        endCalls(new ArrayList<>());
    }

    private static void raise(List<Throwable> troubles) throws Exception {
        // A broken rule says more than what followed from it.
        Throwable first = troubles.stream()
                .filter(RuleFailure.class::isInstance)
                .findFirst()
                .orElse(troubles.get(0));
        troubles.stream().filter(other -> other != first).forEach(first::addSuppressed);
        if (first instanceof Error error) {
            throw error;
        }
        throw (Exception) first;
    }

    private void closeBounded(AutoCloseable resource) throws Exception {
        // Whoever waited once for what does not end, need not wait as long for the next.
        Duration limit = hung ? run.time().moment() : run.time().patience().multipliedBy(2);
        Call<Boolean> closing = new Call<>(threads, "tck-close", () -> {
            resource.close();
            return true;
        });
        try {
            closing.get(limit);
        } catch (java.util.concurrent.TimeoutException e) {
            hung = true;
            throw new RuleFailure(
                    RuleBook.spec().rule("CL-2"),
                    "close of " + resource + " had not returned after " + limit + ": still in "
                            + String.join(" < ", Frames.of(closing.thread().getStackTrace())),
                    e);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuleFailure judged) {
                throw judged;
            }
            throw new IllegalStateException("close of " + resource + " failed with " + e.getCause(), e.getCause());
        }
    }

    private interface Risky {
        void run() throws Exception;
    }

    private static void attempt(List<Throwable> troubles, Risky step) {
        try {
            step.run();
        } catch (Exception | AssertionError e) {
            troubles.add(e);
        }
    }
}
