// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.proof.sim.TickStore.Standing;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A session on ZooKeeper, as the design wants it: a renewal is a write, and its answer confirms the one before it. */
final class TickSession extends SimSession {
    private static final long TICK = Personality.TICK.toNanos();
    private static final long RECONNECT_PAUSE = 300 * SimSettings.MILLI;

    private final TickStore store;
    private final ArrayDeque<Touch> acknowledged = new ArrayDeque<>();
    private QueueStore.Session session;
    private TickConnection connection;
    private CompletableFuture<LockSession> opened = new CompletableFuture<>();
    private long giveUpAt;
    private boolean closed;

    private TickSession(SimBackend backend, TickStore store, SessionEvents events) {
        super(backend, events);
        this.store = store;
        this.giveUpAt = link().nanoTime() + settings().operationTimeout();
    }

    static CompletionStage<LockSession> open(SimBackend backend, TickStore store, SessionEvents events) {
        TickSession s = new TickSession(backend, store, events);
        s.connect();
        return s.opened;
    }

    QueueStore.Session session() {
        return session;
    }

    @Override
    public String id() {
        return session.id;
    }

    // ---- connection ----

    private void connect() {
        if (closed || isLost()) {
            return;
        }
        TickConnection c =
                new TickConnection(world(), store, store.server(link().random().below(3)), this);
        connection = c;
        then(c.connect(session), (s, failure) -> {
            if (failure != null) {
                return; // breakOff has told
            }
            if (s == null) {
                sessionLost("it has expired");
            } else if (session == null) {
                session = s;
                opened.complete(this);
            } else {
                List.copyOf(contenders()).forEach(this::look);
            }
        });
    }

    void disconnected(TickConnection c) {
        if (c != connection) {
            return;
        }
        if (session == null && link().nanoTime() - giveUpAt > 0) {
            closed = true;
            opened.completeExceptionally(new LockUnavailableException("no server accepted the connection"));
            return;
        }
        link().runtime().scheduler().schedule(this::connect, link().random().between(1, RECONNECT_PAUSE));
    }

    private <T> CompletableFuture<T> call(Kind kind, String what, Supplier<T> operation) {
        long sentAt = link().nanoTime();
        CompletableFuture<T> answer = new CompletableFuture<>();
        then(connection.call(kind, what, operation), (result, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                acknowledged(sentAt, kind != Kind.READ);
                answer.complete(result);
            }
        });
        return answer;
    }

    /**
     * An acknowledged write proves that its server was in touch with the leader, and so has handed on the signs of life that it
     * got at least a tick before. When those were sent says nothing: what was sent apart can arrive together.
     */
    private void acknowledged(long sentAt, boolean write) {
        while (write
                && !acknowledged.isEmpty()
                && sentAt - TICK - acknowledged.peekFirst().acknowledgedAt() >= 0) {
            proven(acknowledged.removeFirst().sentAt());
        }
        acknowledged.addLast(new Touch(sentAt, link().nanoTime()));
    }

    /** A sign of life: a server had it at some time between the two. */
    private record Touch(long sentAt, long acknowledgedAt) {}

    // ---- contend ----

    @Override
    void begin(SimContender c) {
        Ticket t = c.ticket();
        Grant given = c.request().releasing();
        Ticket releasing = given == null ? null : ((SimContender) given.reference()).ticket();
        boolean[] released = new boolean[1];
        TickStore.Server server = connection.server();
        then(
                call(Kind.CONTEND, "contend", () -> {
                    if (releasing != null) {
                        released[0] = store.delete(session, releasing, TickStore.Cause.RELEASE);
                    }
                    store.create(session, t);
                    return store.look(server, session, t);
                }),
                (standing, failure) -> {
                    if (failure != null) {
                        failed(c, failure);
                        return;
                    }
                    if (given != null) {
                        forget((SimContender) given.reference());
                        c.releasedIs(released[0]);
                    }
                    answered(c, standing);
                });
    }

    private void failed(SimContender c, RuntimeException why) {
        boolean uncertain = !(why instanceof LockUnavailableException);
        if (!uncertain) {
            forget(c);
        }
        c.fail(why, uncertain);
    }

    private void answered(SimContender c, Standing standing) {
        if (standing == Standing.FIRST) {
            c.answer(Answer.GRANTED);
            c.deliver(grantOf(c));
        } else if (c.request().enqueue()) {
            c.answer(Answer.WAITING);
        } else {
            // A try leaves nothing: it is answered once its node is gone.
            then(
                    call(Kind.WRITE, "delete", () -> store.delete(session, c.ticket(), TickStore.Cause.RELEASE)),
                    (was, failure) -> {
                        if (failure != null) {
                            c.fail(failure, true);
                        } else {
                            forget(c);
                            c.answer(Answer.BUSY);
                        }
                    });
        }
    }

    private Grant grantOf(SimContender c) {
        return new Grant(c.ticket().name, c.ticket().contenderId, c.ticket().token, basis(), c);
    }

    @Override
    void wake(long contenderId) {
        SimContender c = contender(contenderId);
        if (c != null) {
            look(c);
        }
    }

    private void look(SimContender c) {
        boolean held = c.grant() != null;
        if ((!held && !c.isWaiting()) || c.isWithdrawn()) {
            return;
        }
        TickStore.Server server = connection.server();
        then(call(Kind.READ, "look", () -> store.look(server, session, c.ticket())), (standing, failure) -> {
            if (failure != null || c.isWithdrawn() || c.isGone()) {
                return;
            }
            if (standing == Standing.ABSENT) {
                deleted(c.request().contenderId());
            } else if (standing == Standing.FIRST && c.isWaiting()) {
                c.deliver(grantOf(c));
            }
        });
    }

    // ---- undo, release, renew ----

    @Override
    void remove(SimContender c) {
        TickStore.Cause cause = c.uncertain ? TickStore.Cause.UNDO : TickStore.Cause.RELEASE;
        then(call(Kind.WRITE, "undo", () -> store.delete(session, c.ticket(), cause)), (was, failure) -> {
            if (failure != null) {
                c.removalFailed(failure);
            } else {
                forget(c);
                c.confirmGone();
            }
        });
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        SimContender c = (SimContender) grant.reference();
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        then(
                call(Kind.WRITE, "release", () -> store.delete(session, c.ticket(), TickStore.Cause.RELEASE)),
                (was, failure) -> {
                    if (failure != null) {
                        released.completeExceptionally(failure);
                    } else {
                        forget(c);
                        released.complete(was);
                    }
                });
        return released;
    }

    @Override
    void renew(List<SimContender> asked, CompletableFuture<Renewal> result) {
        long sentAt = link().nanoTime();
        then(call(Kind.RENEW, "renew", () -> true), (done, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                result.complete(new Renewal(sentAt, Map.of()));
            }
        });
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true; // from here on no new connection keeps it alive, whether the ensemble hears of the end or not
        CompletableFuture<Void> result = new CompletableFuture<>();
        then(call(Kind.WRITE, "close", () -> store.close(session)), (done, failure) -> {
            if (failure != null && !isLost()) {
                connection.breakOff();
                result.completeExceptionally(failure);
            } else {
                abandon();
                end();
                result.complete(null);
            }
        });
        return result;
    }

    @Override
    void abandon() {
        closed = true;
        connection.breakOff();
    }
}
