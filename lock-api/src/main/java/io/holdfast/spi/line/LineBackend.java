// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.internal.backend.OpenSessions;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * A full backend over a {@link LockLine}, which it owns: it keeps the sessions and the contenders, and the line answers. Thread-safe;
 * blocks where the line does. A backend with more to offer than a provider does extends it.
 */
public class LineBackend implements LockBackend {
    private final LockLine line;
    private final OpenSessions<SessionLife> sessions;

    /**
     * Over a store client that a provider made for one client.
     *
     * @param line the store
     * @param config that client's settings, whose runtime limits questions in time
     * @throws io.holdfast.LockConfigException when the configuration has no runtime
     */
    public LineBackend(LockLine line, BackendConfig config) {
        this(line, OpenSessions.of(config, SessionLife::abandon));
    }

    /**
     * Over a store client of the caller's, which serves clients that come and go.
     *
     * @param line the store
     */
    public LineBackend(LockLine line) {
        this(line, OpenSessions.onLentClient(line.store(), SessionLife::abandon));
    }

    private LineBackend(LockLine line, OpenSessions<SessionLife> sessions) {
        this.line = line;
        this.sessions = sessions;
    }

    /**
     * Another backend over the same store client, with a line of the caller's between: so the kit loses answers where nobody can cut the
     * link. It has sessions of its own, and is closed before this one.
     *
     * @param between makes that line of this backend's own, which it does not close
     * @return a backend that owns the line that was made
     */
    public final LineBackend behind(UnaryOperator<LockLine> between) {
        return new LineBackend(between.apply(line));
    }

    @Override
    public final Capabilities capabilities() {
        return line.capabilities();
    }

    @Override
    public final String store() {
        return line.store();
    }

    @Override
    public final CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        Objects.requireNonNull(events, "events");
        return sessions.unlessClosed(() -> {
            SessionLife session = new SessionLife(line, options, events, sessions);
            return session.asked(() -> line.open(options, session)).thenApply(session::opened);
        });
    }

    @Override
    public final CompletionStage<StoredLock> inspect(String name) {
        return sessions.ask(limits -> line.inquiries().inspect(name, limits));
    }

    @Override
    public final CompletionStage<List<StoredLock>> list() {
        return sessions.ask(limits -> line.inquiries().list(limits));
    }

    @Override
    public final CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return sessions.ask(limits -> line.inquiries().forceRelease(name, storeToken, limits));
    }

    @Override
    public final CompletionStage<List<StoreFinding>> diagnose() {
        return sessions.ask(line::diagnose);
    }

    @Override
    public final void close() {
        if (sessions.endAll()) {
            line.close();
        }
    }

    @Override
    public String toString() {
        return store();
    }
}
