// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.local.MemoryBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.LockBackendFixture;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** The memory store behind sessions that are broken in one way. */
final class BrokenFixture implements LockBackendFixture {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String url = "memory:broken-" + STORES.incrementAndGet();
    private final BiFunction<LockBackend, LockSession, LockSession> fault;

    /** Keeps the store and its tokens there between the tests. */
    private final LockBackend keeper = new MemoryBackendProvider().open(BackendConfig.of(config()));

    BrokenFixture(BiFunction<LockBackend, LockSession, LockSession> fault) {
        this.fault = fault;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public boolean recognisesCopies() {
        return true;
    }

    @Override
    public LockBackend open(LockConfig config) {
        LockBackend sound = new MemoryBackendProvider().open(BackendConfig.of(config));
        return new Broken(sound);
    }

    @Override
    public void close() {
        keeper.close();
    }

    private final class Broken implements LockBackend {
        private final LockBackend sound;

        Broken(LockBackend sound) {
            this.sound = sound;
        }

        @Override
        public Capabilities capabilities() {
            return sound.capabilities();
        }

        @Override
        public String store() {
            return sound.store();
        }

        @Override
        public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
            return sound.openSession(options, events).thenApply(session -> fault.apply(sound, session));
        }

        @Override
        public CompletionStage<StoredLock> inspect(String name) {
            return sound.inspect(name);
        }

        @Override
        public CompletionStage<List<StoredLock>> list() {
            return sound.list();
        }

        @Override
        public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
            return sound.forceRelease(name, storeToken);
        }

        @Override
        public void close() {
            sound.close();
        }
    }
}
