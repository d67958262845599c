// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * What a simulated store answers to one session; what becomes of a contender is the affair of the life that we ship. Beside each
 * request goes what the judges know of its contender.
 */
abstract class SimSession implements LineSession {
    private final SimWorld world;
    private final SimLink link;
    private final LineEvents events;
    private final StoreWitness witness;
    private final SimSettings settings;
    private final Map<Long, SimTicket> judged = new HashMap<>();
    private long openedAt;
    private boolean lost;

    SimSession(SimLine line, LineEvents events) {
        this.world = line.world();
        this.link = line.link();
        this.witness = line.witness();
        this.settings = line.settings();
        this.events = events;
        this.openedAt = link.nanoTime();
    }

    final SimWorld world() {
        return world;
    }

    final SimLink link() {
        return link;
    }

    final LineEvents events() {
        return events;
    }

    final StoreWitness witness() {
        return witness;
    }

    final SimSettings settings() {
        return settings;
    }

    /** The engine contends: from now on a request of this contender goes with what the judges know of it. */
    final SimTicket judge(String name, long contenderId) {
        SimTicket ticket = new SimTicket(name, link.process(), contenderId);
        ticket.sentAt = world.now();
        judged.put(contenderId, ticket);
        return ticket;
    }

    final SimTicket judged(Ticket ticket) {
        return judged.get(ticket.contenderId());
    }

    /** Tickets of the line by the judges' own. */
    static Ticket of(SimTicket ticket) {
        return new Ticket(ticket.name, ticket.contenderId);
    }

    @Override
    public final Duration lease() {
        return Duration.ofNanos(settings.lease());
    }

    @Override
    public final long openedAt() {
        return openedAt;
    }

    /** The client's answer to its request has come. */
    final void acknowledged(SimTicket ticket) {
        ticket.acknowledgedAt = world.now();
    }

    /** The contender is not in the store any more, without our doing. */
    final Seat vanished(SimTicket ticket) {
        ticket.vanished = true;
        return Seat.GONE;
    }

    /** The store says that a contender should look again. */
    final void wake(SimTicket ticket) {
        events.woken(of(ticket));
    }

    /** The store says that a contender has been deleted by somebody else. */
    final void deleted(SimTicket ticket) {
        vanished(ticket);
        forget(of(ticket));
        events.gone(of(ticket), ticket.token, "its key was deleted");
    }

    /** The line keeps nothing for a contender that is not there any more. */
    void forget(Ticket ticket) {}

    /** The store does not know the session any more. */
    final void sessionLost(String why) {
        if (!lost) {
            lost = true;
            judged.values().forEach(this::vanished);
            events.lost(why);
        }
    }

    final boolean isLost() {
        return lost;
    }

    /** The store has ended it, as was asked for. */
    final void ended() {
        judged.values().forEach(this::vanished);
    }

    /** Has an answer dealt with; what fails there is a fault of the simulation. */
    final <T> void then(CompletableFuture<T> answer, BiConsumer<T, RuntimeException> action) {
        answer.whenComplete((result, failure) -> {
            try {
                action.accept(result, (RuntimeException) failure);
            } catch (RuntimeException e) {
                world.fail("SIM", "the simulated line failed", e);
            }
        });
    }
}
