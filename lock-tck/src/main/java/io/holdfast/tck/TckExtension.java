// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.DurationFormat;
import io.holdfast.tck.internal.Frames;
import io.holdfast.tck.internal.Run;
import io.holdfast.tck.internal.Scene;
import io.holdfast.tck.internal.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Gives every test of the kit its scene, ends it, and counts the outcome by rule. */
final class TckExtension implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor, TestWatcher {
    /** The system property of a directory that gets the report of each run as a JSON file. */
    private static final String REPORT_PROPERTY = "holdfast.tck.report";

    private static final Namespace OURS = Namespace.create(TckExtension.class);
    private static final long HUNG_MILLIS = 180_000;

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Optional<Kit> kit = kit(context);
        if (kit.isPresent()) {
            Scene scene = new Scene(run(context));
            context.getStore(OURS).put(Scene.class, scene);
            kit.get().enter(scene);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Scene scene = context.getStore(OURS).remove(Scene.class, Scene.class);
        if (scene != null) {
            scene.close();
        }
    }

    private static Optional<Kit> kit(ExtensionContext context) {
        return context.getRequiredTestInstances().findInstance(Kit.class);
    }

    private static Run run(ExtensionContext context) {
        ExtensionContext outermost = context;
        while (outermost.getParent().isPresent()
                && outermost.getParent().get().getTestClass().isPresent()) {
            outermost = outermost.getParent().get();
        }
        LockTck tck = context.getRequiredTestInstances()
                .findInstance(LockTck.class)
                .orElseThrow(() -> new IllegalStateException("a kit runs nested in a class that extends LockTck"));
        return outermost.getStore(OURS).getOrComputeIfAbsent(Run.class, key -> start(context, tck), Run.class);
    }

    private static Run start(ExtensionContext context, LockTck tck) {
        Order order = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(Order.class))
                .get(Order.class, Order.class);
        try {
            return order == null
                    ? new Run(tck.fixture(), TestedRules.all(), TckExtension::print)
                    : new Run(order.fixture(), TestedRules.all(), order.reader());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the fixture's store was not reached: " + e, e);
        }
    }

    @SuppressWarnings("SystemOut") // the table is for whoever runs the tests, whatever the logging
    private static void print(TckReport report) {
        System.out.print(report.table());
        String directory = System.getProperty(REPORT_PROPERTY);
        if (directory != null) {
            String name = report.store().replaceAll("[^A-Za-z0-9]+", "-") + ".json";
            try {
                Files.createDirectories(Path.of(directory));
                Files.writeString(Path.of(directory, name), report.json());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Interrupts a test that hangs, with what its thread was doing: a broken lock must not stop the run. */
    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        Thread test = Thread.currentThread();
        Scene scene = context.getStore(OURS).get(Scene.class, Scene.class);
        if (scene == null) {
            invocation.proceed();
            return;
        }
        Duration limit = scene.run().time().scaled(HUNG_MILLIS);
        CompletableFuture<String> hung = new CompletableFuture<>();
        CompletableFuture<?> watch = CompletableFuture.runAsync(
                () -> {
                    if (hung.complete(String.join(" < ", Frames.of(test.getStackTrace())))) {
                        test.interrupt();
                    }
                },
                // On the timer's own thread: a backend that blocks the common pool must not silence this.
                CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS, Runnable::run));
        try {
            invocation.proceed();
        } catch (InterruptedException e) {
            if (hung.isDone()) {
                throw new AssertionError("the test hung for " + DurationFormat.show(limit) + " in " + hung.join(), e);
            }
            throw e;
        } finally {
            hung.cancel(false);
            watch.cancel(false);
        }
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        record(context, (tally, rules) -> tally.passed(rules));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        Throwable failure = cause == null ? new AssertionError("failed without a reason") : cause;
        record(context, (tally, rules) -> tally.failed(name(context), rules, failure));
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        Throwable reason = cause == null ? new IllegalStateException("aborted without a reason") : cause;
        record(context, (tally, rules) -> tally.skipped(name(context), rules, reason));
    }

    private static String name(ExtensionContext context) {
        return context.getRequiredTestMethod().getName();
    }

    private static void record(ExtensionContext context, java.util.function.BiConsumer<Tally, List<String>> outcome) {
        Proves proves = context.getRequiredTestMethod().getAnnotation(Proves.class);
        if (proves != null) {
            outcome.accept(run(context).tally(), List.of(proves.value()));
        }
    }

    /**
     * What {@code TckRunner} leaves in the launcher's session for the run it starts.
     *
     * @param fixture the store to test
     * @param reader who gets the report
     */
    record Order(LockBackendFixture fixture, Consumer<TckReport> reader) {
        /** Where in the session it lies. */
        static final org.junit.platform.engine.support.store.Namespace PLACE =
                org.junit.platform.engine.support.store.Namespace.create(Order.class);
    }
}
