// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockScheduler;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The network between one client process and the store: requests, replies, and messages the store sends unasked.
 *
 * <p>Nothing keeps an order here, as with a pool of connections. A request may be repeated by what lies between; a copy of a
 * contend that has been answered does not exist, because the client libraries' own re-sends are off.
 */
final class SimLink {
    /** What a request is, for the store that answers some kinds and not others while it is in trouble. */
    enum Kind {
        OPEN,
        CONTEND,
        WRITE,
        READ,
        RENEW
    }

    /** What becomes of a request that reached the store. */
    enum Admission {
        SERVED,
        /** No answer, and it never takes effect. */
        IGNORED,
        /** Answered once the store runs again. */
        HELD,
        /** Refused at once: it surely did not take effect. */
        REFUSED
    }

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000 * MICRO;

    private final SimWorld world;
    private final SimNode client;
    private final int incarnation;
    private final SimRuntime runtime;
    private final SimStore store;
    private final SimRandom random;
    private final LinkFaults faults;

    SimLink(SimWorld world, SimNode client, SimRuntime runtime, SimStore store, SimRandom random, LinkFaults faults) {
        this.world = world;
        this.client = client;
        this.incarnation = client.incarnation();
        this.runtime = runtime;
        this.store = store;
        this.random = random;
        this.faults = faults;
    }

    /** The client process, for people. */
    String process() {
        return client.name() + "/" + incarnation;
    }

    SimNode client() {
        return client;
    }

    SimRuntime runtime() {
        return runtime;
    }

    SimRandom random() {
        return random;
    }

    /** The client's monotonic clock. */
    long nanoTime() {
        return client.nanoTime();
    }

    /**
     * Sends a request.
     *
     * @param operation what the store does with each copy that reaches it; returns the reply
     */
    <T> CompletableFuture<T> call(Kind kind, String what, Supplier<T> operation) {
        Call<T> call = new Call<>(kind, what, operation);
        call.expireAfter(store.settings().operationTimeout());
        boolean copied = faults.copies(random);
        call.mayBeCopied = copied;
        long delay = latency();
        send(call, delay, () -> arrived(call));
        if (copied) {
            // Its reply goes to a connection that nobody listens to any more.
            send(call, delay + lateness(), () -> copyArrived(call));
        }
        return call.reply;
    }

    /** Sends a message to the client unasked. It may be lost. */
    void push(String what, Runnable action) {
        if (!losesReply()) {
            toClient(what, replyLatency(), action);
        }
    }

    private <T> void send(Call<T> call, long delay, Runnable arrival) {
        if (!losesRequest()) {
            world.in(store.node(), delay, call.what, arrival);
        }
    }

    private <T> void copyArrived(Call<T> call) {
        boolean exists = call.kind != Kind.CONTEND || !call.answered;
        if (exists && store.node().isUp() && store.admission(call.kind, this) == Admission.SERVED) {
            T unheard = call.operation.get();
            if (world.isTracing()) {
                world.note("store . a copy: " + call.what + " gives " + unheard);
            }
        }
    }

    private <T> void arrived(Call<T> call) {
        if (!store.node().isUp()) {
            refuse(call, "the connection was refused");
            return;
        }
        switch (store.admission(call.kind, this)) {
            case SERVED -> serve(call);
            case REFUSED -> refuse(call, "the store has no leader");
            case HELD -> store.hold(() -> serve(call));
            case IGNORED -> {}
        }
    }

    private <T> void serve(Call<T> call) {
        T result = call.operation.get();
        if (!losesReply()) {
            toClient(call.what + " reply", replyLatency(), () -> call.succeed(result));
        }
    }

    private <T> void refuse(Call<T> call, String why) {
        // Nobody can say "surely not" while another copy is under way.
        if (!call.mayBeCopied && !losesReply()) {
            toClient(call.what + " refused", latency(), () -> call.fail(new LockUnavailableException(why)));
        }
    }

    private void toClient(String what, long delay, Runnable action) {
        // A process that has crashed has no connections; the one started after it has others.
        if (isCurrent()) {
            world.in(client, delay, what, action);
        }
    }

    boolean isCurrent() {
        return client.incarnation() == incarnation;
    }

    boolean losesRequest() {
        return faults.losesRequest(random);
    }

    boolean breaksRenewal() {
        return faults.breaksRenewal();
    }

    boolean losesReply() {
        return faults.losesReply(random);
    }

    long latency() {
        long spike = random.chance(0.002) ? random.between(0, 50 * MILLI) : 0;
        return 100 * MICRO + random.around(300 * MICRO) + spike + faults.delay(random);
    }

    long replyLatency() {
        return latency() + faults.replyDelay(random);
    }

    /** How much later a second copy comes: mostly at once, or so late that its first has been undone. */
    private long lateness() {
        return random.chance(0.5)
                ? random.around(20 * MILLI)
                : random.between(0, store.settings().lease() * 3 / 2);
    }

    private final class Call<T> {
        final Kind kind;
        final String what;
        final Supplier<T> operation;
        final CompletableFuture<T> reply = new CompletableFuture<>();
        boolean answered;
        boolean mayBeCopied;
        private LockScheduler.Scheduled timer;

        Call(Kind kind, String what, Supplier<T> operation) {
            this.kind = kind;
            this.what = what;
            this.operation = operation;
        }

        void expireAfter(long nanos) {
            timer = runtime.scheduler()
                    .schedule(() -> fail(new LockOutcomeUnknownException(what + ": no answer in time")), nanos);
        }

        void succeed(T result) {
            if (!reply.isDone()) {
                answered = true;
                timer.cancel();
                reply.complete(result);
            }
        }

        void fail(RuntimeException why) {
            if (!reply.isDone()) {
                timer.cancel();
                reply.completeExceptionally(why);
            }
        }
    }
}
