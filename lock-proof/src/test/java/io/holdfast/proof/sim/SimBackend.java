// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** One client process's way to the simulated store. Looking and forcing are the kit's affair: the simulation does not ask. */
final class SimBackend implements LockBackend {
    private final SimWorld world;
    private final SimStore store;
    private final SimLink link;
    private final StoreWitness witness;
    private final Capabilities capabilities;
    private final List<SimSession> sessions = new ArrayList<>();

    SimBackend(SimWorld world, SimStore store, SimLink link, StoreWitness witness) {
        this.world = world;
        this.store = store;
        this.link = link;
        this.witness = witness;
        this.capabilities = store.settings().personality().capabilities();
    }

    void add(SimSession session) {
        sessions.add(session);
    }

    SimWorld world() {
        return world;
    }

    SimLink link() {
        return link;
    }

    StoreWitness witness() {
        return witness;
    }

    SimSettings settings() {
        return store.settings();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return "sim:" + settings().personality();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        if (store instanceof KeyedStore keyed) {
            return KeyedSession.open(this, keyed, events);
        }
        if (store instanceof TickStore ticking) {
            return TickSession.open(this, ticking, events);
        }
        return TtlSession.open(this, (TtlStore) store, events);
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public void close() {
        sessions.forEach(SimSession::abandon);
    }
}
