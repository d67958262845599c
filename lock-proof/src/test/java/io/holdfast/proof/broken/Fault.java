// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockConfig;
import io.holdfast.memory.MemoryBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.StoreFaults;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One thing that is done wrong over a sound store. An instance serves one store: what the backends of one store share in their
 * fault is kept in it.
 */
interface Fault extends AutoCloseable {
    /** Breaks a sound backend. */
    LockBackend on(LockBackend sound);

    /**
     * Opens a backend that is broken.
     *
     * @param link its way to the store
     */
    default LockBackend open(LockConfig config, Link link) {
        return on(link.to(sound(config)));
    }

    static LockBackend sound(LockConfig config) {
        return new MemoryBackendProvider().open(BackendConfig.of(config));
    }

    /** Whether its way to the store is the link, on which requests can be kept back. */
    default boolean isLinked() {
        return true;
    }

    /** Ends the sessions of a label in a store of the fault's own, past its backends. */
    default void expireSession(String label) throws Exception {
        StoreFaults.NONE.expireSession(label);
    }

    /** What the fault leaves in the store, beside what the store shows itself. */
    default List<String> residue() {
        return List.of();
    }

    @Override
    default void close() {}

    /** A fault of every session by itself. */
    static Supplier<Fault> ofSessions(UnaryOperator<LockSession> change) {
        return ofSessions((session, options) -> change.apply(session));
    }

    /** A fault of every session by itself, made of what the client asked for. */
    static Supplier<Fault> ofSessions(BiFunction<LockSession, SessionOptions, LockSession> change) {
        return () -> sound -> new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return change.apply(session, options);
            }
        };
    }

    /** A fault of every backend by itself. */
    static Supplier<Fault> ofBackends(UnaryOperator<LockBackend> change) {
        return () -> change::apply;
    }
}
