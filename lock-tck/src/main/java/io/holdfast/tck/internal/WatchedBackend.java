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

/** A backend of which each session is under a {@link Watch}; else it is as it was. */
public final class WatchedBackend implements LockBackend {
    private final LockBackend backend;
    private final Watch watch;

    WatchedBackend(LockBackend backend, Watch watch) {
        this.backend = backend;
        this.watch = watch;
    }

    /**
     * What the fixture opened.
     *
     * @param backend one of the scene's
     */
    public static LockBackend sound(LockBackend backend) {
        return backend instanceof WatchedBackend watched ? watched.backend : backend;
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        Watch.Session watching =
                watch.session(capabilities().scope(), options.runtime().clock());
        SessionEvents heard = new SessionEvents() {
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
                watching.lost(grant);
                events.grantLost(grant, why);
            }
        };
        return backend.openSession(options, heard).thenApply(session -> new WatchedSession(session, watching));
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
    public CompletionStage<StoredLock> inspect(String name) {
        return backend.inspect(name);
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return backend.list();
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return backend.forceRelease(name, storeToken);
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return backend.diagnose();
    }

    @Override
    public void close() {
        backend.close();
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
