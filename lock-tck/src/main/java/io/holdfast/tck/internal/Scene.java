// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All that one test opens and begins, ended when the test ends, and looked at for leftovers. Used by the test's thread only. */
public final class Scene {
    private final Run run;
    private final Leftovers leftovers;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<Call<?>> calls = new ArrayList<>();
    private final List<Tap> taps = new ArrayList<>();
    private final AtomicInteger labels = new AtomicInteger();

    public Scene(Run run) throws Exception {
        this.run = run;
        this.leftovers = new Leftovers(run);
    }

    public Run run() {
        return run;
    }

    /** The settings of this test's clients. */
    public LockConfig config(UnaryOperator<LockConfig> change) {
        return change.apply(base());
    }

    private LockConfig base() {
        return run.fixture()
                .config()
                .withLease(run.time().longLease())
                .withLabel(run.freshName() + "-" + labels.incrementAndGet());
    }

    /** A backend may ask for clock and scheduler when it is made; a client brings them along, which is not there yet. */
    private LockConfig withRuntime(LockConfig config) {
        return config.withRuntime(run.runtime());
    }

    /** A client on a backend of its own, as another process would have. */
    public LockClient client(@Nullable Tap tap, UnaryOperator<LockConfig> change) throws Exception {
        LockConfig base = base();
        LockConfig config = change.apply(base);
        LockBackend backend = keep(run.fixture().open(change.apply(withRuntime(base))));
        if (tap != null) {
            taps.add(tap);
        }
        return keep(LockClient.open(tap == null ? backend : tap.on(backend), config));
    }

    /** A session without a client, on a backend of its own. */
    public SpiClient spi(Duration lease) throws Exception {
        return spi(lease, run.freshName());
    }

    /** A session of a client with a label, by which the fixture finds it. */
    public SpiClient spi(Duration lease, String label) throws Exception {
        LockBackend backend = backend();
        SpiClient client = new SpiClient(backend);
        SessionOptions options = new SessionOptions(lease, label, runtime());
        LockSession session = settle(() -> backend.openSession(options, client).toCompletableFuture());
        opened.push(() -> settle(() -> session.close().toCompletableFuture()));
        client.opened(session);
        return client;
    }

    /** What a process of its own needs to open a client like ours. */
    public List<String> processArguments(Duration lease) {
        return List.of(run.fixture().url(), "lease=" + lease, "label=" + run.freshName());
    }

    public LockBackend backend() throws Exception {
        return keep(run.fixture().open(withRuntime(base())));
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
        Call<T> call = new Call<>("tck-call-" + (calls.size() + 1), body);
        calls.add(call);
        return call;
    }

    public String name() {
        return run.freshName();
    }

    /** Ends everything; throws what went wrong on the way, and for leftovers. */
    public void close() throws Exception {
        List<Throwable> troubles = new ArrayList<>();
        calls.stream().map(Call::unseenFailure).filter(Objects::nonNull).forEach(troubles::add);
        attempt(troubles, run.fixture().faults()::heal);
        taps.forEach(tap -> attempt(troubles, tap::heal));
        while (!opened.isEmpty()) {
            AutoCloseable next = opened.pop();
            attempt(troubles, () -> closeBounded(next));
        }
        for (Call<?> call : List.copyOf(calls)) {
            Throwable trouble = call.end(run.time().patience());
            if (trouble != null) {
                troubles.add(trouble);
            }
        }
        attempt(troubles, leftovers::check);
        if (!troubles.isEmpty()) {
            raise(troubles);
        }
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
        Duration limit = run.time().patience().multipliedBy(2);
        Call<Boolean> closing = new Call<>("tck-close", () -> {
            resource.close();
            return true;
        });
        try {
            closing.get(limit);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new RuleFailure(
                    RuleBook.spec().rule("CL-2"),
                    "close of " + resource + " had not returned after " + limit + ": still in "
                            + String.join(" < ", Frames.of(closing.thread().getStackTrace())),
                    e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("close of " + resource + " failed", e.getCause());
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
