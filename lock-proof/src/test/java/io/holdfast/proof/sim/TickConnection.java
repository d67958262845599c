// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A connection of a session to one server of a {@link TickStore}: ordered, and gone with the first answer that does not come. */
final class TickConnection {
    private final SimWorld world;
    private final SimLink link;
    private final TickStore store;
    private final TickStore.Server server;
    private final TickSession owner;
    private final SimStream stream;
    private final ArrayDeque<Call<?>> pending = new ArrayDeque<>();
    private boolean closedByServer;
    private boolean open = true;
    private boolean connected;

    TickConnection(SimWorld world, TickStore store, TickStore.Server server, TickSession owner) {
        this.world = world;
        this.link = owner.link();
        this.store = store;
        this.server = server;
        this.owner = owner;
        this.stream = new SimStream(world, link, store.node());
    }

    SimLink link() {
        return link;
    }

    TickStore.Server server() {
        return server;
    }

    boolean isOpen() {
        return open;
    }

    /**
     * Opens or reopens a session; the stage fails when the server is not in touch with the leader. Nothing else is sent before it
     * is answered, so that nothing can follow a handshake that arrives late.
     */
    CompletableFuture<QueueStore.Session> connect(QueueStore.Session known) {
        return handshake(known).thenApply(s -> {
            connected = true;
            return s;
        });
    }

    private CompletableFuture<QueueStore.Session> handshake(QueueStore.Session known) {
        return send(Kind.OPEN, "connect", () -> {
            if (!store.accepts(server)) {
                reset();
                return null;
            }
            QueueStore.Session s = known == null ? store.open(owner, this) : known;
            boolean alive = known == null || store.reopen(known, this);
            return Reply.of(alive ? s : null);
        });
    }

    /** Sends a request of an open session. */
    <T> CompletableFuture<T> call(Kind kind, String what, Supplier<T> operation) {
        QueueStore.Session session = owner.session();
        if (!connected) {
            return CompletableFuture.failedFuture(new LockUnavailableException("not connected"));
        }
        return send(kind, what, () -> {
            store.touch(session, server);
            if (kind == Kind.READ) {
                return Reply.of(operation.get());
            }
            if (!server.linked || store.isElecting()) {
                return null; // forwarded to a leader that does not hear it
            }
            if (store.mayWrite(session, this)) {
                return Reply.of(operation.get());
            }
            reset();
            return null; // the session has moved to another connection, or has ended
        });
    }

    private <T> CompletableFuture<T> send(Kind kind, String what, Supplier<Reply<T>> operation) {
        Call<T> call = new Call<>();
        if (!open) {
            call.reply.completeExceptionally(new LockUnavailableException("not connected"));
            return call.reply;
        }
        pending.add(call);
        call.timer = link.runtime()
                .scheduler()
                .schedule(
                        this::breakOff,
                        kind == Kind.OPEN
                                ? SimSettings.SECOND
                                : owner.settings().operationTimeout());
        stream.toServer(what, () -> {
            Reply<T> reply = server.up && !closedByServer && store.node().isUp() ? operation.get() : null;
            if (reply != null) {
                stream.toClient(what + " reply", () -> call.finish(reply.value()));
            } else if (!server.up || !store.node().isUp()) {
                reset();
            }
        });
        return call.reply;
    }

    /** A message of the server. */
    void push(String what, Runnable action) {
        if (!closedByServer) {
            stream.toClient(what, () -> {
                if (open) {
                    action.run();
                }
            });
        }
    }

    /** The server closes it. */
    void reset() {
        closedByServer = true;
        if (link.isCurrent() && !link.losesReply()) {
            world.in(link.client(), link.latency(), "reset", this::breakOff);
        }
    }

    /** The client gives it up: what is under way has an unknown outcome. */
    void breakOff() {
        if (open) {
            open = false;
            for (Call<?> call : List.copyOf(pending)) {
                call.fail(new LockOutcomeUnknownException("the connection broke"));
            }
            owner.disconnected(this);
        }
    }

    /** What a server answers; null when it answers nothing. */
    private record Reply<T>(T value) {
        static <T> Reply<T> of(T value) {
            return new Reply<>(value);
        }
    }

    private final class Call<T> {
        final CompletableFuture<T> reply = new CompletableFuture<>();
        Scheduled timer;

        void finish(T answer) {
            if (!reply.isDone() && open) {
                timer.cancel();
                pending.remove(this);
                reply.complete(answer);
            }
        }

        void fail(RuntimeException why) {
            timer.cancel();
            pending.remove(this);
            reply.completeExceptionally(why);
        }
    }
}
