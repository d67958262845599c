// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import io.holdfast.tck.TckExtension.Order;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the kit against a store without a test class: what {@code holdfast tck --url} does. Immutable.
 *
 * <pre>{@code
 * TckReport report = TckRunner.of("their:scheme").run();
 * System.out.print(report.table());
 * }</pre>
 */
public final class TckRunner {
    private final LockBackendFixture fixture;
    private final boolean withLong;
    private final TestExecutionListener[] listeners;
    private final Class<?>[] kits;

    private TckRunner(
            LockBackendFixture fixture, boolean withLong, TestExecutionListener[] listeners, Class<?>[] kits) {
        this.fixture = Objects.requireNonNull(fixture, "fixture");
        this.withLong = withLong;
        this.listeners = listeners;
        this.kits = kits;
    }

    /**
     * A run against a URL; its provider is found on the class path.
     *
     * @param url the store
     * @return the run, not begun
     */
    public static TckRunner of(String url) {
        Objects.requireNonNull(url, "url");
        return of(() -> url);
    }

    /**
     * A run against a fixture, which the run closes.
     *
     * @param fixture how to reach the store
     * @return the run, not begun
     */
    public static TckRunner of(LockBackendFixture fixture) {
        return new TckRunner(fixture, false, new TestExecutionListener[0], new Class<?>[0]);
    }

    /**
     * A copy that also runs the tests that take minutes of real time.
     *
     * @return a copy
     */
    public TckRunner withLongTests() {
        return new TckRunner(fixture, true, listeners, kits);
    }

    /**
     * A copy that runs some of the kits only.
     *
     * @param names such as {@code Fencing}
     * @return a copy
     * @throws IllegalArgumentException when there is no such kit
     */
    public TckRunner only(String... names) {
        Class<?>[] chosen = Arrays.stream(names).map(TckRunner::kit).toArray(Class<?>[]::new);
        return new TckRunner(fixture, withLong, listeners, chosen);
    }

    private static Class<?> kit(String name) {
        return Arrays.stream(LockTck.class.getDeclaredClasses())
                .filter(type -> type.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no kit " + name));
    }

    /**
     * A copy that tells listeners of each test as it runs.
     *
     * @param told for progress; in place of those told before
     * @return a copy
     */
    public TckRunner tell(TestExecutionListener... told) {
        return new TckRunner(fixture, withLong, told.clone(), kits);
    }

    /**
     * Runs the kit, on the calling thread and some of its own.
     *
     * @return the table of rules
     * @throws IllegalStateException when the run could not begin, such as when the store was not reached
     */
    public TckReport run() {
        AtomicReference<TckReport> report = new AtomicReference<>();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        // Found listeners and extensions of the class path belong to somebody else's tests.
        LauncherConfig config = LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(summary)
                .addTestExecutionListeners(listeners)
                .build();
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false");
        if (kits.length == 0) {
            request.selectors(selectClass(OrderedTck.class));
        }
        for (Class<?> kit : kits) {
            request.selectors(selectNestedClass(List.of(OrderedTck.class), kit));
        }
        if (!withLong) {
            request.filters(TagFilter.excludeTags("long"));
        }
        try (LauncherSession session = LauncherFactory.openSession(config)) {
            session.getStore().put(Order.PLACE, Order.class, new Order(fixture, report::set));
            session.getLauncher().execute(request.build());
        }
        TckReport found = report.get();
        if (found == null) {
            throw notBegun(summary.getSummary());
        }
        return found;
    }

    private static IllegalStateException notBegun(TestExecutionSummary summary) {
        Throwable cause = summary.getFailures().isEmpty()
                ? null
                : summary.getFailures().get(0).getException();
        return new IllegalStateException(
                "the kit did not begin" + (cause == null ? "" : ": " + cause.getMessage()), cause);
    }

    /** The kit with the fixture that the runner left in the session. */
    static final class OrderedTck extends LockTck {
        @Override
        protected LockBackendFixture fixture() {
            throw new IllegalStateException("this class is run by TckRunner only");
        }
    }
}
