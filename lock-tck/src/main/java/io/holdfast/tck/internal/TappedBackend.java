// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** A backend with a {@link Tap} on it. */
final class TappedBackend implements LockBackend {
    private final LockBackend backend;
    private final Tap tap;

    TappedBackend(LockBackend backend, Tap tap) {
        this.backend = backend;
        this.tap = tap;
    }

    @Override
    public Capabilities capabilities() {
        return backend.capabilities();
    }

    @Override
    public String store() {
        return backend.store();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        SessionEvents seen = new SessionEvents() {
            @Override
            public void sessionLost(String why) {
                events.sessionLost(why);
            }

            @Override
            public void sessionSuspect(String why) {
                events.sessionSuspect(why);
            }

            @Override
            public void grantLost(Grant grant, String why) {
                events.grantLost(tap.shown(grant), why);
            }
        };
        return tap.carry(Step.OPEN, () -> backend.openSession(options, seen).thenApply(session -> {
            tap.opened(events);
            return new TappedSession(session, tap);
        }));
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return tap.carry(Step.LOOK, () -> backend.inspect(name));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return tap.carry(Step.LOOK, backend::list);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return tap.carry(Step.LOOK, () -> backend.forceRelease(name, storeToken));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return tap.carry(Step.LOOK, backend::diagnose);
    }

    @Override
    public void close() {
        // The tapped backend is lent to the client: whoever made it closes it.
    }
}
