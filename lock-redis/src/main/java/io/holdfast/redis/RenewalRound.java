// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** One round of renewals: a script for each contender, in flights of some hundred. One that fails leaves the others alone. */
final class RenewalRound {
    private static final int BATCH = 200;

    private final Function<List<Request>, List<CompletableFuture<String>>> flights;
    private final Function<Ticket, Request> renewal;
    private final Map<Ticket, Seat> seats = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failed = new AtomicReference<>();

    /**
     * None sent yet.
     *
     * @param flights sends requests together; each has its own answer
     * @param renewal of a contender
     */
    RenewalRound(Function<List<Request>, List<CompletableFuture<String>>> flights, Function<Ticket, Request> renewal) {
        this.flights = flights;
        this.renewal = renewal;
    }

    /**
     * Sends it. A connection that ended in the middle takes the rest of the round along: that goes out once more, on another one (rule
     * KE-2).
     *
     * @param soon whether there is time for that
     * @return what was learned; failed when nothing was
     */
    CompletableFuture<Map<Ticket, Seat>> send(List<Ticket> tickets, BooleanSupplier soon) {
        return sendOnce(tickets)
                .thenCompose(unanswered -> unanswered.isEmpty() || !soon.getAsBoolean()
                        ? CompletableFuture.completedFuture(unanswered)
                        : sendOnce(List.copyOf(unanswered)))
                .thenCompose(unanswered -> {
                    Throwable why = failed.get();
                    return seats.isEmpty() && why != null
                            ? CompletableFuture.failedFuture(why)
                            : CompletableFuture.completedFuture(seats);
                });
    }

    /** @return those that got no answer, when all have one or have failed */
    private CompletableFuture<Collection<Ticket>> sendOnce(List<Ticket> tickets) {
        Collection<Ticket> unanswered = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<?>> all = new ArrayList<>(tickets.size());
        for (int from = 0; from < tickets.size(); from += BATCH) {
            List<Ticket> batch = tickets.subList(from, Math.min(from + BATCH, tickets.size()));
            List<CompletableFuture<String>> answers =
                    flights.apply(batch.stream().map(renewal).toList());
            for (int i = 0; i < answers.size(); i++) {
                Ticket ticket = batch.get(i);
                all.add(answers.get(i).handle((line, failure) -> {
                    if (line == null) {
                        failed.compareAndSet(null, failure);
                        unanswered.add(ticket);
                    } else {
                        note(ticket, line);
                    }
                    return null;
                }));
            }
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> unanswered);
    }

    private void note(Ticket ticket, String line) {
        try {
            seats.put(ticket, Reply.parse(line).seat());
        } catch (RuntimeException malformed) {
            failed.compareAndSet(null, malformed);
        }
    }
}
