// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A session with a {@link Tap} on it. */
final class TappedSession implements LockSession {
    private final LockSession session;
    private final Tap tap;
    private volatile long basis;

    TappedSession(LockSession session, Tap tap) {
        this.session = session;
        this.tap = tap;
        this.basis = session.basis();
    }

    Tap tap() {
        return tap;
    }

    @Override
    public String id() {
        return session.id();
    }

    @Override
    public Duration lease() {
        return session.lease();
    }

    /** The backend's at the last answer that the engine got: what it did not hear moves nothing. */
    @Override
    public long basis() {
        return basis;
    }

    void heard() {
        basis = session.basis();
    }

    @Override
    public Contender contend(LockRequest request) {
        Disturbance how = tap.begin(Step.CONTEND);
        Grant releasing = request.releasing();
        LockRequest sent = LockRequest.exclusive(
                request.name(),
                request.contenderId(),
                request.enqueue(),
                releasing == null ? null : Tap.truth(releasing));
        Contender made = Tap.isSent(how) ? session.contend(sent) : null;
        if (made != null) {
            tap.made(WatchedSession.sound(made));
        }
        return new TappedContender(this, request, made, how);
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return tap.carry(Step.RELEASE, () -> session.release(Tap.truth(grant)));
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
        List<Contender> inner = contenders.stream()
                .map(contender -> ((TappedContender) contender).inner())
                .filter(Objects::nonNull)
                .toList();
        return tap.carry(Step.RENEW, () -> session.renew(inner)).thenApply(this::shown);
    }

    private Renewal shown(Renewal renewal) {
        heard();
        Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
        if (statuses.containsValue(ContenderStatus.WAITING)) {
            tap.sawWaiter();
        }
        statuses.replaceAll((id, status) -> status instanceof ContenderStatus.Holding holding
                ? new ContenderStatus.Holding(tap.shown(holding.grant()))
                : status);
        return new Renewal(renewal.sentAt(), statuses);
    }

    @Override
    public CompletionStage<@Nullable Void> close() {
        return tap.<@Nullable Void>carry(Step.CLOSE, session::close);
    }
}
