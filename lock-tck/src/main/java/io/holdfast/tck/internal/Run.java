// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.HookMissing;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.RuleFailure;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckTime;
import io.holdfast.tck.TestedStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of the kit against one fixture. Thread-safe. */
public final class Run {
    private static final long CONNECT_SECONDS = 60;

    private final ObservedFixture fixture;
    private final RunFacts facts;
    private final Consumer<TckReport> reader;
    private final Capabilities capabilities;
    private final String store;
    private final TckTime time;
    private final EngineLog log = new EngineLog();
    private final KitRuntime runtime = new KitRuntime();
    private final Tally tally;
    private final String id = Long.toString(System.nanoTime() & 0xffffffffL, 36);
    private final AtomicInteger tests = new AtomicInteger();
    private final Object looking = new Object();
    private final Remains remains;

    public Run(LockBackendFixture fixture, Set<String> tested, Consumer<TckReport> reader) throws Exception {
        this.tally = new Tally(tested);
        this.fixture = new ObservedFixture(fixture);
        this.reader = reader;
        LockConfig config = fixture.config();
        try {
            LockBackend backend =
                    bounded("opening a backend for " + fixture.url(), () -> fixture.open(config.withRuntime(runtime)));
            try {
                told(backend.store(), "store()");
                this.facts = new RunFacts(this.fixture, config, backend);
                // What a backend can do is known for sure only after a session was opened.
                TckTime first = new TckTime(told(backend.capabilities(), "capabilities()"));
                SessionOptions options = new SessionOptions(first.lease(), "tck-" + id, runtime);
                LockSession session = bounded("opening a session", () -> backend.openSession(options, new Deaf())
                        .toCompletableFuture()
                        .get());
                bounded(
                        "closing a session",
                        () -> session.close().toCompletableFuture().get());
                this.capabilities = backend.capabilities();
                this.store = told(backend.store(), "store()");
            } finally {
                bounded("closing a backend", () -> {
                    backend.close();
                    return true;
                });
            }
            this.remains = new Remains(this);
        } catch (Exception | Error e) {
            log.close();
            runtime.close();
            throw e;
        }
        this.time = new TckTime(capabilities);
    }

    /** On a thread of its own: a backend that hangs must not hang the kit. */
    private static <T extends @Nullable Object> T bounded(String what, Callable<T> body) throws Exception {
        Call<T> call = new Call<>("tck-begin", body);
        try {
            return call.get(Duration.ofSeconds(CONNECT_SECONDS));
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    what + " had not come to an end after " + CONNECT_SECONDS + " s: still in "
                            + String.join(" < ", Frames.of(call.thread().getStackTrace())),
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof ExecutionException inner ? inner.getCause() : e.getCause();
            throw cause instanceof Exception failure ? failure : e;
        }
    }

    private static <T> T told(@Nullable T value, String method) {
        if (value == null) {
            throw new IllegalStateException("LockBackend." + method + " returned null");
        }
        return value;
    }

    public LockBackendFixture fixture() {
        return fixture;
    }

    /** For backends that are made before their client. */
    KitRuntime runtime() {
        return runtime;
    }

    public Capabilities capabilities() {
        return capabilities;
    }

    public String store() {
        return store;
    }

    public TckTime time() {
        return time;
    }

    public Tally tally() {
        return tally;
    }

    /** What the random numbers of the run come from. */
    public long seed() {
        return facts.seed();
    }

    EngineLog log() {
        return log;
    }

    /** What names and labels of one test begin with, and whatever is put behind it, no other test's. */
    String freshStem() {
        return "kit-" + id + "-" + tests.incrementAndGet() + "n";
    }

    Remains remains() {
        return remains;
    }

    /** What is left in the store; nothing where nobody can look. */
    List<String> residue() throws Exception {
        synchronized (looking) {
            try {
                return fixture.residue();
            } catch (HookMissing e) {
                return List.of();
            }
        }
    }

    boolean looksIntoTheStore() throws Exception {
        synchronized (looking) {
            try {
                fixture.residue();
                return true;
            } catch (HookMissing e) {
                tally.note("LK-1", e);
                return false;
            }
        }
    }

    /** Looks for what tests that ran side by side have left, gives the report to its reader, and throws what was found. */
    public void end() throws Exception {
        List<RuleFailure> found = List.of();
        try {
            found = remains.end();
            found.forEach(failure -> tally.found("after the tests that ran side by side", failure));
        } finally {
            try {
                TestedStore tested = facts.store(store, capabilities);
                reader.accept(new TckReport(tested, facts.run(time), tally.verdicts(tested), tally.histories()));
            } finally {
                log.close();
                fixture.close();
                runtime.close();
            }
        }
        if (!found.isEmpty()) {
            RuleFailure first = found.get(0);
            found.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** Nobody listens. */
    private static final class Deaf implements SessionEvents {
        @Override
        public void sessionLost(String why) {}

        @Override
        public void grantLost(Grant grant, String why) {}
    }
}
