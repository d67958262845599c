// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.DurationFormat;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Frames;
import io.holdfast.tck.internal.Run;
import io.holdfast.tck.internal.Scene;
import io.holdfast.tck.internal.Tally;
import io.holdfast.tck.internal.Turns;
import io.holdfast.tck.internal.Turns.Turn;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * Gives every test of the kit its scene, ends it, and counts the outcome by rule.
 *
 * <p>It uses nothing that came to JUnit after 5.10, so that a stranger's project need not change its version.
 */
final class TckExtension
        implements BeforeEachCallback, AfterEachCallback, AfterAllCallback, InvocationInterceptor, TestWatcher {
    private static final Namespace OURS = Namespace.create(TckExtension.class);
    private static final long HUNG_MILLIS = 180_000;

    /** For tests that are tagged so, which take minutes, and a million turns in a slow store hours. */
    private static final long LONG_HUNG_MILLIS = 3 * 3_600_000L;

    /** After so many tests that hung nobody wants to wait for more. */
    private static final int MOST_HUNG = 3;

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Optional<Kit> kit = kit(context);
        if (kit.isPresent()) {
            Begun begun = begun(context);
            Run run = begun.run();
            Turn turn = Turns.OF_THIS_JVM.take(isAlone(context), atATime(context));
            context.getStore(OURS).put(Turn.class, turn);
            begun.run(); // meanwhile others may have hung
            run.tally().begun(name(context));
            order(context).ifPresent(order -> order.progress().began(context.getUniqueId()));
            Scene scene = new Scene(run, turn, name(context));
            context.getStore(OURS).put(Scene.class, scene);
            kit.get().enter(scene);
        }
    }

    private static boolean isAlone(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(Alone.class)
                || context.getRequiredTestClass().isAnnotationPresent(Alone.class);
    }

    private static Optional<TckRunner.Order> order(ExtensionContext context) {
        return TckRunner.order(context.getConfigurationParameter(TckRunner.ORDER));
    }

    private static int atATime(ExtensionContext context) {
        return order(context).map(TckRunner.Order::atATime).orElseGet(TckRunner::usually);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Scene scene = context.getStore(OURS).remove(Scene.class, Scene.class);
        Turn turn = context.getStore(OURS).remove(Turn.class, Turn.class);
        try {
            if (scene != null) {
                scene.close();
            }
        } finally {
            if (turn != null) {
                order(context).ifPresent(order -> order.progress().ended(context.getUniqueId()));
                turn.close();
            }
        }
    }

    /** Ends the run with the outermost class. */
    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (outermost(context) == context) {
            Begun begun = context.getStore(OURS).remove(Begun.class, Begun.class);
            if (begun != null && begun.run != null) {
                begun.run.end();
            }
        }
    }

    private static Optional<Kit> kit(ExtensionContext context) {
        return context.getRequiredTestInstances().findInstance(Kit.class);
    }

    private static ExtensionContext outermost(ExtensionContext context) {
        ExtensionContext outermost = context;
        while (outermost.getParent().isPresent()
                && outermost.getParent().get().getTestClass().isPresent()) {
            outermost = outermost.getParent().get();
        }
        return outermost;
    }

    private static Begun begun(ExtensionContext context) {
        LockTck tck = context.getRequiredTestInstances()
                .findInstance(LockTck.class)
                .orElseThrow(() -> new IllegalStateException("a kit runs nested in a class that extends LockTck"));
        return outermost(context)
                .getStore(OURS)
                .getOrComputeIfAbsent(Begun.class, key -> new Begun(context, tck), Begun.class);
    }

    /** The run of a class, or why there is none: that is told by its first test, and the others are skipped with it. */
    private static final class Begun {
        private final @Nullable Run run;
        private final @Nullable RuntimeException refused;
        private boolean told;
        private int hung;

        Begun(ExtensionContext context, LockTck tck) {
            Run started = null;
            RuntimeException failure = null;
            try {
                started = start(context, tck);
            } catch (TestAbortedException e) {
                failure = e;
            } catch (Exception e) {
                failure = new IllegalStateException("the kit did not begin: " + shown(e), e);
            }
            this.run = started;
            this.refused = failure;
        }

        private static Run start(ExtensionContext context, LockTck tck) throws Exception {
            TckRunner.Order order = order(context).orElse(null);
            return order == null
                    ? new Run(tck.fixture(), TestedRules.all(), TckExtension::print)
                    : new Run(order.fixture(), TestedRules.all(), report -> {
                        ReportFolder.keep(report);
                        order.reader().accept(report);
                    });
        }

        /** What was thrown, with where it came from: the cause is a line, not a page. */
        private static String shown(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null && (root instanceof ExecutionException || root.getMessage() == null)) {
                root = root.getCause();
            }
            List<String> frames = Frames.of(root.getStackTrace());
            return root + (frames.isEmpty() ? "" : ", at " + String.join(" < ", frames));
        }

        synchronized Run run() {
            RuntimeException failure = refused;
            if (failure != null) {
                if (told) {
                    throw new TestAbortedException(String.valueOf(failure.getMessage()));
                }
                told = true;
                throw failure;
            }
            if (hung >= MOST_HUNG) {
                throw new TestAbortedException(hung + " tests hung: the others are not run");
            }
            return Objects.requireNonNull(run);
        }

        synchronized void hung() {
            hung++;
        }
    }

    @SuppressWarnings("SystemOut") // the table is for whoever runs the tests, whatever the logging
    private static void print(TckReport report) {
        System.out.print(report.table());
        ReportFolder.keep(report);
    }

    /** Runs a test on a thread of its own and leaves one that hangs, with what it was doing: a broken lock must not stop the run. */
    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        Scene scene = context.getStore(OURS).get(Scene.class, Scene.class);
        if (scene == null) {
            invocation.proceed();
            return;
        }
        long most = context.getTags().contains("long") ? LONG_HUNG_MILLIS : HUNG_MILLIS;
        Duration limit = scene.run().time().scaled(most);
        Call<@Nullable Void> test = new Call<>(scene.threads(), "tck-test", () -> proceed(invocation));
        try {
            test.get(limit);
        } catch (TimeoutException e) {
            begun(context).hung();
            String where = String.join(" < ", Frames.of(test.thread().getStackTrace()));
            test.end(scene.run().time().moment());
            throw new AssertionError("the test hung for " + DurationFormat.show(limit) + " in " + where, e);
        } catch (ExecutionException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static @Nullable Void proceed(InvocationInterceptor.Invocation<@Nullable Void> invocation)
            throws Exception {
        try {
            return invocation.proceed();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        record(context, (tally, rules) -> tally.passed(name(context), rules));
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
        return context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
    }

    private static void record(ExtensionContext context, BiConsumer<Tally, List<String>> outcome) {
        Proves proves = context.getRequiredTestMethod().getAnnotation(Proves.class);
        Begun begun = outermost(context).getStore(OURS).get(Begun.class, Begun.class);
        if (proves != null && begun != null && begun.run != null) {
            outcome.accept(begun.run.tally(), List.of(proves.value()));
        }
    }
}
