// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LockLine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** One client process's way to the simulated store. Looking and forcing are the kit's affair: the simulation does not ask. */
final class SimLine implements LockLine {
    private final SimWorld world;
    private final SimStore store;
    private final SimLink link;
    private final StoreWitness witness;
    private final Capabilities capabilities;
    private final Map<String, SimSession> sessions = new HashMap<>();

    SimLine(SimWorld world, SimStore store, SimLink link, StoreWitness witness) {
        this.world = world;
        this.store = store;
        this.link = link;
        this.witness = witness;
        this.capabilities = store.settings().personality().capabilities();
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

    /** One that was opened. */
    SimSession session(String id) {
        return sessions.get(id);
    }

    /** How many were opened before. */
    int opened() {
        return sessions.size();
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
    public CompletionStage<SimSession> open(SessionOptions options, LineEvents events) {
        return begin(events).thenApply(session -> {
            sessions.put(session.id(), session);
            return session;
        });
    }

    private CompletionStage<? extends SimSession> begin(LineEvents events) {
        if (store instanceof KeyedStore keyed) {
            return KeyedSession.open(this, keyed, events);
        }
        if (store instanceof TickStore ticking) {
            return TickSession.open(this, ticking, events);
        }
        return TtlSession.open(this, (TtlStore) store, events);
    }

    @Override
    public Inquiries inquiries() {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        throw new UnsupportedOperationException("not simulated");
    }

    @Override
    public void close() {}
}
