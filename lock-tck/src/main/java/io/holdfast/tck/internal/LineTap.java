// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.LockLine;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Between a backend and its line: loses the answer to an entry, which the store has carried out, keeps undos back, and loses the
 * store's hints.
 */
public final class LineTap implements LockLine {
    private final LockLine line;
    private final AtomicBoolean losing = new AtomicBoolean();
    private final AtomicBoolean dropping = new AtomicBoolean();
    private final AtomicInteger hints = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> kept = new CompletableFuture<>();
    private final AtomicBoolean deaf = new AtomicBoolean();

    public LineTap(LockLine line) {
        this.line = line;
    }

    /** Loses the answer to the next entry. */
    public void loseAnEntrysAnswer() {
        losing.set(true);
    }

    /** Loses the next entry, of which the store hears nothing. */
    public void loseAnEntry() {
        dropping.set(true);
    }

    /** How often the store has told a contender something unasked, until now. */
    public int hints() {
        return hints.get();
    }

    /** Sends the undos that were asked for, and keeps none any more. */
    public void sendUndos() {
        kept.complete(null);
    }

    /** Loses what the store sends unasked, to all sessions, until {@link #hear}. */
    public void loseHints() {
        deaf.set(true);
    }

    public void hear() {
        deaf.set(false);
    }

    @Override
    public Capabilities capabilities() {
        return line.capabilities();
    }

    @Override
    public String store() {
        return line.store();
    }

    @Override
    public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
        return line.open(options, new Hints(events, deaf, hints)).thenApply(Session::new);
    }

    @Override
    public Inquiries inquiries() {
        return line.inquiries();
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return line.diagnose(limits);
    }

    /** The line is its backend's. */
    @Override
    public void close() {}

    /** What decides nothing may be lost (rule WA-7). */
    private record Hints(LineEvents events, AtomicBoolean deaf, AtomicInteger count) implements LineEvents {
        @Override
        public boolean woken(Ticket ticket) {
            count.incrementAndGet();
            return deaf.get() || events.woken(ticket);
        }

        @Override
        public boolean granted(Ticket ticket, long token) {
            count.incrementAndGet();
            return deaf.get() || events.granted(ticket, token);
        }

        @Override
        public void gone(Ticket ticket, long token, String why) {
            if (!deaf.get()) {
                events.gone(ticket, token, why);
            }
        }

        @Override
        public void kept(long sentAt) {
            events.kept(sentAt);
        }

        @Override
        public void suspect(String why) {
            events.suspect(why);
        }

        @Override
        public void lost(String why) {
            events.lost(why);
        }
    }

    private final class Session implements LineSession {
        private final LineSession session;

        Session(LineSession session) {
            this.session = session;
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
        public long openedAt() {
            return session.openedAt();
        }

        @Override
        public CompletionStage<Entry> enter(
                Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
            if (dropping.compareAndSet(true, false)) {
                return CompletableFuture.failedFuture(new LockOutcomeUnknownException("the kit lost " + ticket));
            }
            boolean lost = losing.compareAndSet(true, false);
            return session.enter(ticket, enqueue, releasing, unwanted).thenApply(entry -> {
                if (lost) {
                    throw new LockOutcomeUnknownException("the kit lost the answer to " + ticket);
                }
                return entry;
            });
        }

        @Override
        public CompletionStage<Boolean> release(Held held) {
            return session.release(held);
        }

        @Override
        public CompletionStage<?> leave(Ticket ticket, long token) {
            return session.leave(ticket, token);
        }

        @Override
        public CompletionStage<?> undo(Ticket ticket) {
            return kept.thenCompose(sent -> session.undo(ticket));
        }

        @Override
        public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
            return session.renew(tickets);
        }

        @Override
        public CompletionStage<Seat> look(Ticket ticket) {
            return session.look(ticket);
        }

        @Override
        public void watch(Ticket ticket, Seat seen) {
            session.watch(ticket, seen);
        }

        @Override
        public void unwatch(Ticket ticket) {
            session.unwatch(ticket);
        }

        @Override
        public CompletionStage<?> end() {
            return session.end();
        }

        @Override
        public void detach() {
            session.detach();
        }
    }
}
