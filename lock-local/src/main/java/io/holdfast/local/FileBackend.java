// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The backend of {@code file:DIR}: exclusion between the processes of one host, by a directory on one of its own disks.
 *
 * <p>Class A. A hold has no lease: it is valid until it is released or its process dies, and a process that is stopped keeps it. The
 * {@code lease} setting says how long a <em>waiting</em> client may be silent before it loses its place in line. Thread-safe; never blocks
 * but in {@link #close()}.
 */
public final class FileBackend implements LockBackend {
    private static final System.Logger LOG = System.getLogger(FileBackend.class.getName());
    private static final Duration LOOKS = Duration.ofSeconds(1); // two looks of the first in line, and a busy machine

    private final FileStore store;
    private final Runnable onClose;
    private final Capabilities capabilities;
    private final AtomicBoolean closed = new AtomicBoolean();

    FileBackend(FileStore store, Runnable onClose) {
        this.store = store;
        this.onClose = onClose;
        capabilities = Capabilities.of(LeaseScope.NONE)
                .queues(true)
                .takeover(0, store.settings().crashGrace().plus(LOOKS))
                .build();
    }

    FileStore files() {
        return store;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store.address();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return ask("a session", () -> {
            OpenSession files = store.directory().open(Shown.text(options.label()), options.lease());
            FileSession session;
            try {
                session = new FileSession(this, files, options, events);
                store.add(session);
            } catch (Throwable e) { // nobody would end it
                store.directory().abandon(files);
                throw e;
            }
            if (closed.get()) { // closed meanwhile by another thread, which may have missed this session
                session.end();
                throw closed();
            }
            return session;
        });
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return ask("inspecting " + Shown.lock(name), () -> store.directory().inspect(name));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return ask("listing locks", () -> store.directory().list());
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return ask("the forced release of " + Shown.lock(name), () -> store.directory()
                .forceRelease(name, storeToken));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return ask("the diagnosis", () -> new DirectoryDiagnosis(store.settings()).findings());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            store.closeAll(this);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the store's thread closes on
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.WARNING, "closing " + store() + " is not done yet", e);
        } finally {
            onClose.run();
        }
    }

    private <T> CompletionStage<T> ask(String what, FileStore.Work<T> work) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(closed());
        }
        return store.ask(what, work);
    }

    private LockClosedException closed() {
        return new LockClosedException("the backend of " + store() + " is closed");
    }
}
