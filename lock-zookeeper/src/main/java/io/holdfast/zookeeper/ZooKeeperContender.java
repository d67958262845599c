// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;

/**
 * One node in the line for a name, from its request to its removal. Its stages complete outside its lock.
 *
 * <p>The node bears a mark that no other contender has, so an unknown outcome is settled by looking for the mark: after a new
 * connection of the same session, requests of the old one are refused or have come before.
 */
final class ZooKeeperContender implements Contender {
    private final ZooKeeperSession session;
    private final Link link;
    private final Requests requests;
    private final LockRequest request;
    private final String container;
    private final String mark;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();

    /** The path of its node, null when none was or will be made; fails when that is unknown. */
    private final CompletableFuture<@Nullable String> created = new CompletableFuture<>();

    /** One object each, so that a watch that is set again replaces the one before. */
    private final Watcher predecessorWatcher = this::predecessorChanged;

    private final Watcher ownWatcher = this::ownNodeChanged;

    // Guarded by this.
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private boolean lookPending;
    private boolean watchesItself;
    private Requests.@Nullable Node node;
    private @Nullable Grant grant;

    private enum Stage {
        ASKED,
        WAITING,
        HOLDING,
        /** Its node is not there and will not be. */
        OVER
    }

    ZooKeeperContender(ZooKeeperSession session, LockRequest request) {
        this.session = session;
        this.link = session.link();
        this.requests = link.requests();
        this.request = request;
        this.container = link.plan().paths().of(request.name());
        this.mark = session.markOf(request.contenderId());
    }

    // ---- its request

    /** Sends the release of the grant that goes with it, and the request: one flight. */
    void send() {
        Grant given = request.releasing();
        if (given == null) {
            released.complete(true);
        } else {
            session.release(given).whenComplete((removed, failure) -> {
                if (failure == null) {
                    released.complete(removed);
                } else {
                    released.completeExceptionally(failure);
                }
            });
        }
        if (!link.isConnected()) {
            refused(link.notConnected("contend"));
            return;
        }
        requests.limit(answered, "contend").whenComplete((answer, failure) -> {
            // The limit and the answer may come at once, after a pause say: who has its place is not touched.
            if (failure != null && isAsked()) {
                failed(link.plan().failures().of(failure, "contend"));
            }
        });
        attempt();
    }

    /** Both requests leave together; the list comes after the node was made and has it, on one connection. */
    private void attempt() {
        CompletableFuture<Requests.Node> creating =
                requests.create(container + "/" + mark, session.inscription(), CreateMode.EPHEMERAL_SEQUENTIAL);
        CompletableFuture<List<String>> listing = requests.children(container);
        creating.whenComplete((made, failure) -> {
            if (failure == null) {
                placed(made);
            } else if (Failures.is(failure, Code.NONODE)) {
                // No container yet, or the server has reaped the empty one since.
                requests.containers(container).whenComplete((ready, why) -> retry(why));
            } else {
                notPlaced(failure);
            }
        });
        listing.whenComplete(this::listed);
    }

    private void retry(@Nullable Throwable why) {
        if (why != null) {
            notPlaced(why);
        } else if (isGivenUp()) {
            refused(new LockUnavailableException(request + " was given up"));
        } else {
            attempt();
        }
    }

    private void placed(Requests.Node made) {
        synchronized (this) {
            node = made;
        }
        created.complete(made.path());
    }

    private void notPlaced(Throwable failure) {
        LockException why = link.plan().failures().of(failure, "contend for '" + request.name() + "'");
        if (why instanceof LockUnavailableException || why instanceof LockDeniedException) {
            refused(why);
        } else {
            created.completeExceptionally(why);
            failed(why);
        }
    }

    /** It surely did nothing. */
    private void refused(LockException why) {
        over();
        answered.completeExceptionally(why);
        created.complete(null);
    }

    /** It may have done something, which the engine's withdrawal will undo. */
    private void failed(LockException why) {
        synchronized (this) {
            givenUp = true;
        }
        answered.completeExceptionally(why);
        granted.complete(null);
    }

    // ---- its place

    private void listed(@Nullable List<String> children, @Nullable Throwable failure) {
        Requests.Node own;
        synchronized (this) {
            own = node;
            if (own == null || givenUp || stage == Stage.OVER || stage == Stage.HOLDING) {
                return;
            }
            lookPending = failure != null;
        }
        if (children == null) {
            listFailed(failure);
            return;
        }
        Line line = Line.of(children);
        int ahead = line.ahead(own.path().substring(container.length() + 1));
        if (ahead < 0) {
            gone("its node was deleted");
        } else if (line.hasOverflowed()) {
            failed(new LockUnavailableException("lock '" + request.name() + "' in store "
                    + link.plan().store() + ": the sequence numbers under " + container
                    + " have overflowed; delete that node while nobody uses the lock"));
        } else if (ahead == 0) {
            hold(own);
        } else if (request.enqueue()) {
            waiting();
            watch(container + "/" + line.at(ahead - 1));
        } else {
            busy(own);
        }
    }

    private void listFailed(@Nullable Throwable failure) {
        if (Failures.is(failure, Code.NONODE)) {
            gone("its container was deleted");
        } else if (isWaiting() || (request.enqueue() && Failures.is(failure, Code.CONNECTIONLOSS))) {
            waiting(); // it has its place; where that is shows when there is a connection again
        } else {
            failed(link.plan().failures().of(failure, "look at the line for '" + request.name() + "'"));
        }
    }

    private void waiting() {
        synchronized (this) {
            if (stage != Stage.ASKED) {
                return;
            }
            stage = Stage.WAITING;
        }
        answered.complete(Answer.WAITING);
    }

    private void hold(Requests.Node own) {
        Grant won;
        try {
            won = new Grant(request.name(), request.contenderId(), own.stat().getCzxid(), link.basis(), this);
        } catch (IllegalArgumentException tooLarge) {
            failed(new LockUnavailableException("store " + link.plan().store() + ": " + tooLarge.getMessage()
                    + "; this ensemble has had too many leaders to number locks"));
            return;
        }
        synchronized (this) {
            if (givenUp || stage == Stage.OVER || stage == Stage.HOLDING) {
                return;
            }
            stage = Stage.HOLDING;
            grant = won;
        }
        answered.complete(Answer.GRANTED);
        granted.complete(won);
    }

    /** A try that is not first leaves again, and says so once it has left. */
    private void busy(Requests.Node own) {
        requests.limit(requests.delete(own.path()), "leave the line").whenComplete((removed, failure) -> {
            if (failure == null) {
                over();
                answered.complete(Answer.BUSY);
            } else {
                failed(link.plan().failures().of(failure, "leave the line"));
            }
        });
    }

    private void watch(String predecessor) {
        requests.read(predecessor, predecessorWatcher).whenComplete((found, failure) -> {
            if (failure == null) {
                return;
            }
            if (Failures.is(failure, Code.NONODE)) {
                look(); // it left between the list and this
            } else {
                synchronized (this) {
                    lookPending = true;
                }
            }
        });
    }

    private void predecessorChanged(WatchedEvent event) {
        if (event.getType() != Watcher.Event.EventType.None && isWaiting()) {
            look(); // it may only have given up: who is first, the list says
        }
    }

    private void look() {
        requests.children(container).whenComplete(this::listed);
    }

    /** There is a new connection: what was asked on the old one may be lost. */
    void lookAgain() {
        if (isWaiting()) {
            look();
        }
    }

    // ---- a renewal's second look

    /** Sets the watch on its own node, once: what is held for less than a renewal interval costs no watch. */
    void check() {
        String path;
        synchronized (this) {
            if (givenUp || node == null) {
                return;
            }
            if (stage == Stage.WAITING && lookPending) {
                path = null;
            } else if ((stage == Stage.HOLDING || stage == Stage.WAITING) && !watchesItself) {
                watchesItself = true;
                path = node.path();
            } else {
                return;
            }
        }
        if (path == null) {
            look();
        } else {
            watchItself(path);
        }
    }

    private void watchItself(String path) {
        requests.read(path, ownWatcher).whenComplete((found, failure) -> {
            if (failure == null) {
                return;
            }
            synchronized (this) {
                watchesItself = false;
            }
            if (Failures.is(failure, Code.NONODE)) {
                gone("its node was deleted");
            }
        });
    }

    private void ownNodeChanged(WatchedEvent event) {
        switch (event.getType()) {
            case NodeDeleted -> gone("its node was deleted");
            case NodeDataChanged -> watchItself(event.getPath());
            default -> {}
        }
    }

    /** Somebody else removed its node; not its own release or withdrawal, which mark it before. */
    private void gone(String why) {
        Grant lost;
        synchronized (this) {
            if (givenUp || stage == Stage.OVER) {
                return;
            }
            lost = stage == Stage.HOLDING ? grant : null;
        }
        over();
        answered.completeExceptionally(new LockUnavailableException("lock '" + request.name() + "': " + why));
        if (lost != null) {
            session.grantLost(lost, why);
        }
    }

    /** Nothing of it is left in the store, or will be soon; who is told of the session need not be told of each grant. */
    void sessionEnded() {
        over();
        answered.completeExceptionally(link.notConnected("contend"));
    }

    private void over() {
        synchronized (this) {
            stage = Stage.OVER;
        }
        session.forget(this);
        granted.complete(null);
    }

    boolean isOf(ZooKeeperSession other) {
        return session == other;
    }

    synchronized boolean isGone() {
        return stage == Stage.OVER && !givenUp;
    }

    private synchronized boolean isGivenUp() {
        return givenUp;
    }

    private synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    synchronized boolean isOfUse() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    private synchronized boolean isAsked() {
        return stage == Stage.ASKED;
    }

    private synchronized boolean isWaiting() {
        return stage == Stage.WAITING && !givenUp;
    }

    // ---- what the engine asks

    @Override
    public LockRequest request() {
        return request;
    }

    @Override
    public CompletionStage<Answer> answered() {
        return answered;
    }

    @Override
    public CompletionStage<@Nullable Grant> granted() {
        return granted;
    }

    @Override
    public CompletionStage<Boolean> released() {
        return released;
    }

    /** Deletes its node: its path is its own alone, so that a late or repeated release touches no other. */
    CompletionStage<Boolean> release() {
        Requests.Node own;
        synchronized (this) {
            givenUp = true;
            own = node;
        }
        if (own == null || isOver() || link.isLost()) {
            return CompletableFuture.completedFuture(false);
        }
        if (!link.isConnected()) {
            return CompletableFuture.failedFuture(link.notConnected("release"));
        }
        return requests.limit(requests.delete(own.path()), "release").thenApply(removed -> {
            over();
            return removed;
        });
    }

    /** Waits for its own request first; then deletes the node it made, or looks whether it made one. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        synchronized (this) {
            givenUp = true;
        }
        granted.complete(null);
        if (isOver() || link.isLost()) {
            over();
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> removed = created.handle((path, failure) -> {
                    if (failure != null) {
                        return undo();
                    }
                    return path == null ? CompletableFuture.completedFuture(true) : remove(path);
                })
                .thenCompose(stage -> stage)
                .thenApply(done -> null);
        return requests.limit(removed, "withdraw").thenApply(done -> {
            over();
            return null;
        });
    }

    private CompletableFuture<Boolean> remove(String path) {
        return link.isConnected()
                ? requests.delete(path)
                : CompletableFuture.failedFuture(link.notConnected("withdraw"));
    }

    /** Whatever the old connection carried is done or refused once a new one answers; sync makes this server know of it. */
    private CompletableFuture<Boolean> undo() {
        if (!link.isConnected()) {
            return CompletableFuture.failedFuture(link.notConnected("undo"));
        }
        requests.sync(container);
        return requests.children(container)
                .handle((children, failure) -> {
                    if (Failures.is(failure, Code.NONODE)) {
                        return CompletableFuture.completedFuture(true);
                    }
                    if (children == null) {
                        return CompletableFuture.<Boolean>failedFuture(failure);
                    }
                    return removeMarked(children);
                })
                .thenCompose(stage -> stage);
    }

    private CompletableFuture<Boolean> removeMarked(List<String> children) {
        CompletableFuture<?>[] all = children.stream()
                .filter(child -> child.startsWith(mark))
                .map(child -> requests.delete(container + "/" + child))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(all).thenApply(done -> true);
    }

    @Override
    public String toString() {
        return request + " as " + mark;
    }
}
