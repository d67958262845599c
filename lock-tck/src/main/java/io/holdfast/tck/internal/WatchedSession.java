// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A session under a {@link Watch}. */
final class WatchedSession implements LockSession {
    private final LockSession session;
    private final Watch.Session watch;

    WatchedSession(LockSession session, Watch.Session watch) {
        this.session = session;
        this.watch = watch;
    }

    /** The backend's own. */
    static Contender sound(Contender contender) {
        return contender instanceof Watched watched ? watched.contender : contender;
    }

    @Override
    public String id() {
        return session.id();
    }

    @Override
    public Duration lease() {
        return session.lease();
    }

    @Override
    public long basis() {
        return watch.basis(session);
    }

    @Override
    public Contender contend(LockRequest request) {
        return new Watched(watch.contend(session, request));
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return session.release(grant);
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
        List<Contender> own = contenders.stream().map(WatchedSession::sound).toList();
        return session.renew(own).whenComplete((renewal, failure) -> watch.renewed(renewal));
    }

    @Override
    public CompletionStage<@Nullable Void> close() {
        return session.close();
    }

    /** The backend's own contender, of which the watch hears when it is withdrawn. */
    private final class Watched implements Contender {
        private final Contender contender;

        Watched(Contender contender) {
            this.contender = contender;
        }

        @Override
        public LockRequest request() {
            return contender.request();
        }

        @Override
        public void start() {
            contender.start();
        }

        @Override
        public CompletionStage<Answer> answered() {
            return contender.answered();
        }

        @Override
        public CompletionStage<@Nullable Grant> granted() {
            return contender.granted();
        }

        @Override
        public CompletionStage<Boolean> released() {
            return contender.released();
        }

        @Override
        public CompletionStage<@Nullable Void> withdraw() {
            watch.withdrawn(contender.request());
            return contender.withdraw();
        }
    }
}
