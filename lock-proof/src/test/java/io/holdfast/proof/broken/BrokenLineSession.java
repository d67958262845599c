// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A sound session of a line in which one thing is done wrong. */
class BrokenLineSession implements LineSession {
    private final LineSession sound;

    BrokenLineSession(LineSession sound) {
        this.sound = sound;
    }

    @Override
    public String id() {
        return sound.id();
    }

    @Override
    public Duration lease() {
        return sound.lease();
    }

    @Override
    public long openedAt() {
        return sound.openedAt();
    }

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        return sound.enter(ticket, enqueue, releasing, unwanted);
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return sound.release(held);
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return sound.leave(ticket, token);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return sound.undo(ticket);
    }

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return sound.renew(tickets);
    }

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        return sound.look(ticket);
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        sound.watch(ticket, seen);
    }

    @Override
    public void unwatch(Ticket ticket) {
        sound.unwatch(ticket);
    }

    @Override
    public CompletionStage<?> end() {
        return sound.end();
    }

    @Override
    public void detach() {
        sound.detach();
    }
}
