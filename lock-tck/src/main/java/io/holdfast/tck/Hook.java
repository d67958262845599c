// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a test may need beside the store's URL. */
public enum Hook {
    /** {@link LockBackendFixture#residue}. */
    RESIDUE("residue()", Level.SILVER),
    /** {@link StoreFaults#deleteHolder}. */
    DELETE_HOLDER("faults().deleteHolder(name)", Level.SILVER),
    /** {@link StoreFaults#expireSession}. */
    EXPIRE_SESSION("faults().expireSession(label)", Level.SILVER),
    /** {@link LockBackendFixture#recognisesCopies}; {@link #HOLD_REQUESTS} does as well. */
    COPIES("recognisesCopies()", Level.SILVER),
    /** {@link LockBackendFixture#silenceExpires}; processes that are killed do as well. */
    SILENCE("silenceExpires()", Level.SILVER),
    /** {@link StoreFaults#cutLink}. */
    CUT_LINK("faults().cutLink()", Level.GOLD),
    /** {@link StoreFaults#holdRequests}. */
    HOLD_REQUESTS("faults().holdRequests()", Level.GOLD),
    /** {@link StoreFaults#stopServer}. */
    STOP_SERVER("faults().stopServer()", Level.GOLD),
    /** {@link StoreFaults#restartServer}. */
    RESTART_SERVER("faults().restartServer(keepData)", Level.GOLD),
    /** A password of the store's own in {@link LockBackendFixture#config}; a store that asks for none can reach any level without it. */
    PASSWORD("config() with the store's own password", null),
    /** No hook helps: the store's own way, or the Java in use, keeps the kit from looking. */
    NONE("another store or Java", null);

    private final String call;
    private final @Nullable Level level;

    Hook(String call, @Nullable Level level) {
        this.call = call;
        this.level = level;
    }

    /**
     * The method of the fixture.
     *
     * @return such as {@code faults().cutLink()}
     */
    public String call() {
        return call;
    }

    /**
     * The lowest level that asks for it.
     *
     * @return silver or gold; empty when none does
     */
    public Optional<Level> level() {
        return Optional.ofNullable(level);
    }
}
