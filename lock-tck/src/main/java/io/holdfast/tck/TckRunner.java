// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import io.holdfast.LockConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
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
    /** The system property of how many tests run beside each other: 8 by default, 1 for one after another. */
    public static final String PARALLEL_PROPERTY = "holdfast.tck.parallel";

    /** The parameter of a run by which its tests find their order. */
    static final String ORDER = "holdfast.tck.order";

    private static final String PARALLEL = "junit.jupiter.execution.parallel.";

    private static final Map<String, Order> ORDERS = new ConcurrentHashMap<>();

    /** So many tests run beside each other unless something else is asked for: most of them wait most of the time. */
    private static final int USUALLY = 8;

    /** Threads, of which all but those whose turn it is wait: more than the kit has tests. */
    private static final int THREADS = 400;

    private final LockBackendFixture fixture;
    private final Wishes wishes;

    private TckRunner(LockBackendFixture fixture, Wishes wishes) {
        this.fixture = Objects.requireNonNull(fixture, "fixture");
        this.wishes = wishes;
    }

    /**
     * A run against a URL; its provider is found on the class path.
     *
     * @param url the store
     * @return the run, not begun
     */
    public static TckRunner of(String url) {
        return of(url, LockConfig.of(url).with("trust-url", "true"));
    }

    /**
     * A run against a URL with settings of its own, such as a user.
     *
     * @param url the store
     * @param config the settings, with the URL among them
     * @return the run, not begun
     */
    public static TckRunner of(String url, LockConfig config) {
        return of(new UrlFixture(Objects.requireNonNull(config, "config"), Objects.requireNonNull(url, "url")));
    }

    /**
     * A run against a fixture, which the run closes.
     *
     * @param fixture how to reach the store
     * @return the run, not begun
     */
    public static TckRunner of(LockBackendFixture fixture) {
        return new TckRunner(fixture, new Wishes(false, usually(), List.of(), List.of(), progress -> {}));
    }

    /**
     * A run against a fixture of which the name is known, as {@code holdfast tck --fixture} takes it. The class is found by the
     * calling thread's context class loader, and made by its constructor without arguments, of whatever visibility. The run closes
     * it.
     *
     * @param type the full name of a class that implements {@link LockBackendFixture}
     * @return the run, not begun
     * @throws IllegalArgumentException when there is no such class, it is no fixture, or it cannot be made; the message says which
     */
    public static TckRunner ofFixture(String type) {
        Objects.requireNonNull(type, "type");
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return of(NamedFixture.of(type, loader == null ? TckRunner.class.getClassLoader() : loader));
    }

    /**
     * A copy that also runs the tests that take minutes of real time.
     *
     * @return a copy
     */
    public TckRunner withLongTests() {
        return new TckRunner(
                fixture, new Wishes(true, wishes.atATime(), wishes.kits(), wishes.listeners(), wishes.progress()));
    }

    /**
     * A copy that runs some of the kits only.
     *
     * @param names such as {@code Fencing}
     * @return a copy
     * @throws IllegalArgumentException when there is no such kit
     */
    public TckRunner only(String... names) {
        List<Class<?>> chosen = new ArrayList<>();
        Arrays.stream(names).map(TckRunner::kit).forEach(chosen::add);
        return new TckRunner(
                fixture,
                new Wishes(wishes.withLong(), wishes.atATime(), chosen, wishes.listeners(), wishes.progress()));
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
     * @param told the listeners, in place of those given before
     * @return a copy
     */
    public TckRunner tell(TestExecutionListener... told) {
        return new TckRunner(
                fixture,
                new Wishes(wishes.withLong(), wishes.atATime(), wishes.kits(), List.of(told), wishes.progress()));
    }

    /**
     * A copy that tells how far the run has come, whenever a test begins or ends.
     *
     * @param told called by one thread at a time; in place of the one given before
     * @return a copy
     */
    public TckRunner tellProgress(Consumer<TckProgress> told) {
        Objects.requireNonNull(told, "told");
        return new TckRunner(
                fixture, new Wishes(wishes.withLong(), wishes.atATime(), wishes.kits(), wishes.listeners(), told));
    }

    /**
     * A copy that runs another number of tests beside each other than the system property {@code holdfast.tck.parallel} says,
     * which is 8 if it is not set. Tests that harm the store, count threads or measure short times run alone in any case.
     *
     * @param most 1 for one test after another
     * @return a copy
     * @throws IllegalArgumentException when it is below 1
     */
    public TckRunner atATime(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("at least 1 test at a time, not " + most);
        }
        return new TckRunner(
                fixture, new Wishes(wishes.withLong(), most, wishes.kits(), wishes.listeners(), wishes.progress()));
    }

    /** By the system property. */
    static int usually() {
        String text = System.getProperty(PARALLEL_PROPERTY);
        if (text == null) {
            return USUALLY;
        }
        try {
            int most = Integer.parseInt(text.strip());
            if (most >= 1) {
                return most;
            }
        } catch (NumberFormatException notANumber) {
            // Told below.
        }
        throw new IllegalArgumentException(
                PARALLEL_PROPERTY + " is '" + text + "', not a number of tests, such as 8, or 1 for one after another");
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
        Progress progress = new Progress(wishes.progress());
        // Found listeners and extensions of the class path belong to somebody else's tests.
        LauncherConfig config = LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(summary, progress)
                .addTestExecutionListeners(wishes.listeners().toArray(TestExecutionListener[]::new))
                .build();
        String id = UUID.randomUUID().toString();
        ORDERS.put(id, new Order(fixture, report::set, progress, wishes.atATime()));
        try (LauncherSession session = LauncherFactory.openSession(config)) {
            session.getLauncher().execute(request(id));
        } finally {
            ORDERS.remove(id);
        }
        TckReport found = report.get();
        if (found == null) {
            throw notBegun(summary.getSummary());
        }
        return found;
    }

    private LauncherDiscoveryRequest request(String id) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter(ORDER, id)
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
                .configurationParameter(PARALLEL + "enabled", Boolean.toString(wishes.atATime() > 1))
                .configurationParameter(PARALLEL + "mode.default", "same_thread")
                .configurationParameter(PARALLEL + "mode.classes.default", "same_thread")
                .configurationParameter(PARALLEL + "config.strategy", "fixed")
                .configurationParameter(PARALLEL + "config.fixed.parallelism", Integer.toString(THREADS));
        if (wishes.kits().isEmpty()) {
            request.selectors(selectClass(OrderedTck.class));
        }
        for (Class<?> kit : wishes.kits()) {
            request.selectors(selectNestedClass(List.of(OrderedTck.class), kit));
        }
        if (!wishes.withLong()) {
            request.filters(TagFilter.excludeTags("long"));
        }
        return request.build();
    }

    private static IllegalStateException notBegun(TestExecutionSummary summary) {
        Throwable cause = summary.getFailures().isEmpty()
                ? null
                : summary.getFailures().get(0).getException();
        return cause instanceof IllegalStateException told
                ? told
                : new IllegalStateException("the kit did not begin" + (cause == null ? "" : ": " + cause), cause);
    }

    /** The order that a parameter names, if there is one. */
    static Optional<Order> order(Optional<String> id) {
        return id.map(ORDERS::get);
    }

    /**
     * What a run is to test.
     *
     * @param fixture the store
     * @param reader who gets the report
     * @param progress who is told of each test that begins
     * @param atATime how many tests may run beside each other
     */
    record Order(LockBackendFixture fixture, Consumer<TckReport> reader, Progress progress, int atATime) {}

    /** How it is to be tested. */
    private record Wishes(
            boolean withLong,
            int atATime,
            List<Class<?>> kits,
            List<TestExecutionListener> listeners,
            Consumer<TckProgress> progress) {}

    /** The kit with the fixture that the runner was given. */
    static final class OrderedTck extends LockTck {
        @Override
        protected LockBackendFixture fixture() {
            throw new IllegalStateException("this class is run by TckRunner only");
        }
    }
}
