// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckTime;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One run of the kit against one fixture. Thread-safe. */
public final class Run implements AutoCloseable {
    private static final long CONNECT_SECONDS = 60;

    private final LockBackendFixture fixture;
    private final Consumer<TckReport> reader;
    private final Capabilities capabilities;
    private final String store;
    private final TckTime time;
    private final KitRuntime runtime = new KitRuntime();
    private final Tally tally;
    private final String id = Long.toString(System.nanoTime() & 0xffffffffL, 36);
    private final AtomicInteger names = new AtomicInteger();

    public Run(LockBackendFixture fixture, Set<String> tested, Consumer<TckReport> reader) throws Exception {
        this.tally = new Tally(tested);
        this.fixture = fixture;
        this.reader = reader;
        LockConfig config = fixture.config();
        try (LockBackend backend = fixture.open(config.withRuntime(runtime))) {
            // What a backend can do is known for sure only after a session was opened.
            TckTime first = new TckTime(backend.capabilities());
            SessionOptions options = new SessionOptions(first.lease(), "tck-" + id, runtime);
            LockSession session = backend.openSession(options, new Deaf())
                    .toCompletableFuture()
                    .get(CONNECT_SECONDS, TimeUnit.SECONDS);
            session.close().toCompletableFuture().get(CONNECT_SECONDS, TimeUnit.SECONDS);
            this.capabilities = backend.capabilities();
            this.store = backend.store();
        }
        this.time = new TckTime(capabilities);
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

    /** A lock name that no other test uses. */
    String freshName() {
        return "kit-" + id + "-" + names.incrementAndGet();
    }

    @Override
    public void close() {
        try {
            reader.accept(tally.report(store, capabilities.toString()));
        } finally {
            fixture.close();
            runtime.close();
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
