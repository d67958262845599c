// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.Contender;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** A session of a simulated backend: what of it is the same for all stores. */
abstract class SimSession implements LockSession {
    private final SimWorld world;
    private final SimLink link;
    private final SessionEvents events;
    private final StoreWitness witness;
    private final SimSettings settings;
    private final Map<Long, SimContender> contenders = new LinkedHashMap<>();
    private final List<SimContender> unconfirmed = new ArrayList<>();
    private long basis;
    private boolean lost;

    SimSession(SimBackend backend, SessionEvents events) {
        this.world = backend.world();
        this.link = backend.link();
        this.witness = backend.witness();
        this.settings = backend.settings();
        this.events = events;
        this.basis = link.nanoTime();
        backend.add(this);
    }

    final SimWorld world() {
        return world;
    }

    final SimLink link() {
        return link;
    }

    final StoreWitness witness() {
        return witness;
    }

    final SimSettings settings() {
        return settings;
    }

    /** Withdrawn contenders whose removal the store has not confirmed. */
    final List<SimContender> unconfirmed() {
        return unconfirmed;
    }

    final SimContender contender(long id) {
        return contenders.get(id);
    }

    final Collection<SimContender> contenders() {
        return contenders.values();
    }

    final void forget(SimContender c) {
        contenders.remove(c.request().contenderId());
    }

    @Override
    public final Duration lease() {
        return Duration.ofNanos(settings.lease());
    }

    @Override
    public long basis() {
        return basis;
    }

    /** A request that was sent at a time, and restarted the session's lease, has been acknowledged. */
    final void proven(long sentAt) {
        if (sentAt - basis > 0) {
            basis = sentAt;
        }
    }

    @Override
    public final Contender contend(LockRequest request) {
        Ticket ticket = new Ticket(request.name(), link.process(), request.contenderId());
        ticket.sentAt = world.now();
        SimContender c = new SimContender(this, request, ticket);
        witness.sent(ticket, this);
        contenders.put(request.contenderId(), c);
        begin(c);
        return c;
    }

    @Override
    public final CompletionStage<Renewal> renew(Collection<Contender> asked) {
        if (link.breaksRenewal()) {
            if (link.random().chance(0.5)) {
                throw new IllegalStateException("injected: the store client throws");
            }
            return CompletableFuture.failedFuture(new IllegalStateException("injected: the store client fails"));
        }
        List<SimContender> ours = new ArrayList<>();
        asked.forEach(c -> ours.add((SimContender) c));
        CompletableFuture<Renewal> result = new CompletableFuture<>();
        renew(ours, result);
        return result;
    }

    /** Sends a contender's request. */
    abstract void begin(SimContender c);

    /** Removes a withdrawn contender whose request has been answered or has failed, and reports to it. */
    abstract void remove(SimContender c);

    abstract void renew(List<SimContender> asked, CompletableFuture<Renewal> result);

    /** The store says that a contender should look again. */
    abstract void wake(long contenderId);

    /** The store says that a contender has been deleted by somebody else. */
    final void deleted(long contenderId) {
        SimContender c = contenders.get(contenderId);
        if (c == null || c.isWithdrawn() || c.isGone()) {
            return;
        }
        boolean held = c.grant() != null;
        vanished(c);
        if (held) {
            events.grantLost(c.grant(), "its key was deleted");
        }
    }

    /** The store does not know the session any more. */
    final void sessionLost(String why) {
        if (!lost) {
            lost = true;
            events.sessionLost(why);
            end();
        }
    }

    /** Completes whatever is still open, now that the session is over. */
    final void end() {
        List.copyOf(contenders.values()).forEach(SimContender::vanish);
    }

    /** The backend is closed: nothing goes on in the background. */
    void abandon() {}

    /** A contender is not in the store any more, without our doing. */
    void vanished(SimContender c) {
        forget(c);
        c.vanish();
    }

    /** A contender is withdrawn before its answer; one that has not been sent yet can go at once. */
    void cancelUnsent(SimContender c) {}

    final boolean isLost() {
        return lost;
    }

    /** Has an answer dealt with; what fails there is a fault of the simulation. */
    final <T> void then(CompletableFuture<T> answer, BiConsumer<T, RuntimeException> action) {
        answer.whenComplete((result, failure) -> {
            try {
                action.accept(result, (RuntimeException) failure);
            } catch (RuntimeException e) {
                world.fail("SIM", "the simulated backend failed", e);
            }
        });
    }
}
