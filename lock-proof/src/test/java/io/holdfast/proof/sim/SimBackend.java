// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.LineBackend;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The backend that we ship for lines, over a simulated one; what the engine asks of it is told to the judges on the way. */
final class SimBackend implements LockBackend {
    private final SimLine line;
    private final LockBackend shipped;

    SimBackend(SimWorld world, SimStore store, SimLink link, StoreWitness witness) {
        this.line = new SimLine(world, store, link, witness);
        this.shipped = new LineBackend(line);
    }

    @Override
    public Capabilities capabilities() {
        return shipped.capabilities();
    }

    @Override
    public String store() {
        return shipped.store();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return shipped.openSession(options, events)
                .thenApply(opened -> new JudgedSession(opened, line.session(opened.id())));
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return shipped.inspect(name);
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return shipped.list();
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return shipped.forceRelease(name, storeToken);
    }

    @Override
    public void close() {
        shipped.close();
    }
}
