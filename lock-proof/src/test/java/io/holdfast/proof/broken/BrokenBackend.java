// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** A sound backend in which one thing is done wrong: a fault overrides that one thing. */
class BrokenBackend implements LockBackend {
    private final LockBackend sound;

    BrokenBackend(LockBackend sound) {
        this.sound = sound;
    }

    /** Breaks a session. */
    LockSession broken(LockSession session, SessionOptions options) {
        return session;
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
        return sound.openSession(options, events).thenApply(session -> broken(session, options));
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
    public CompletionStage<List<StoreFinding>> diagnose() {
        return sound.diagnose();
    }

    @Override
    public void close() {
        sound.close();
    }
}
