// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A session that we ship: what the engine asks of it is told to the judges, and its renewals fail now and then. */
final class JudgedSession implements LockSession {
    private final LockSession shipped;
    private final SimSession line;
    private final List<Judged> unconfirmed = new ArrayList<>();

    JudgedSession(LockSession shipped, SimSession line) {
        this.shipped = shipped;
        this.line = line;
    }

    SimLink link() {
        return line.link();
    }

    /** Contenders whose answer never came, and whose undo the store has not confirmed. */
    List<SimTicket> openUndos() {
        return unconfirmed.stream().filter(c -> c.uncertain).map(c -> c.ticket).toList();
    }

    @Override
    public String id() {
        return shipped.id();
    }

    @Override
    public Duration lease() {
        return shipped.lease();
    }

    @Override
    public long basis() {
        return shipped.basis();
    }

    @Override
    public Contender contend(LockRequest request) {
        SimTicket ticket = line.judge(request.name(), request.contenderId());
        line.witness().sent(ticket, this);
        return new Judged(shipped.contend(request), ticket);
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return shipped.release(grant);
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        if (link().breaksRenewal()) {
            if (link().random().chance(0.5)) {
                throw new IllegalStateException("injected: the store client throws");
            }
            return CompletableFuture.failedFuture(new IllegalStateException("injected: the store client fails"));
        }
        return shipped.renew(asked.stream().map(c -> ((Judged) c).shipped).toList());
    }

    @Override
    public CompletionStage<Void> close() {
        return shipped.close();
    }

    private final class Judged implements Contender {
        private final Contender shipped;
        private final SimTicket ticket;
        private boolean uncertain;

        Judged(Contender shipped, SimTicket ticket) {
            this.shipped = shipped;
            this.ticket = ticket;
            shipped.answered()
                    .whenComplete((answer, failure) -> uncertain = failure instanceof LockOutcomeUnknownException);
        }

        @Override
        public LockRequest request() {
            return shipped.request();
        }

        @Override
        public void start() {
            shipped.start();
        }

        @Override
        public CompletionStage<Answer> answered() {
            return shipped.answered();
        }

        @Override
        public CompletionStage<Grant> granted() {
            return shipped.granted();
        }

        @Override
        public CompletionStage<Boolean> released() {
            return shipped.released();
        }

        @Override
        public CompletionStage<Void> withdraw() {
            if (ticket.withdrawnAt < 0) {
                ticket.withdrawnAt = line.world().now();
                unconfirmed.add(this);
            }
            return shipped.withdraw().thenApply(done -> {
                unconfirmed.remove(this);
                if (!ticket.vanished && ticket.withdrawConfirmedAt < 0) {
                    line.witness().withdrawConfirmed(ticket);
                }
                return null;
            });
        }
    }
}
