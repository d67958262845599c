// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one ZooKeeper session, sent on the very handle of it. Thread-safe; never blocks.
 *
 * <p>Answers come in the order of the requests, on ZooKeeper's one event thread. Curator's operations are not used: they repeat a
 * request whose answer was lost, and may send it in a session that Curator made meanwhile. Stages fail with ZooKeeper's exceptions;
 * {@link #limit} gives them a deadline and our exceptions.
 */
final class Requests {
    private final ZooKeeper handle;
    private final List<ACL> acl;
    private final Failures failures;
    private final long timeoutNanos;
    private final LockRuntime runtime;
    private final Runnable expired;

    /**
     * Requests on a handle.
     *
     * @param handle of one session
     * @param plan rights, times and store
     * @param expired told when the servers say that the session has ended; before the request's own answer
     */
    Requests(ZooKeeper handle, LinkPlan plan, Runnable expired) {
        this.handle = handle;
        this.acl = plan.settings().acl();
        this.failures = plan.failures();
        this.timeoutNanos = plan.settings().operationTimeout().toNanos();
        this.runtime = plan.runtime();
        this.expired = expired;
    }

    /**
     * A node as it is.
     *
     * @param path where; with its number, when ZooKeeper gave it one
     * @param text what it holds
     * @param stat what ZooKeeper knows of it
     */
    record Node(String path, String text, Stat stat) {}

    CompletableFuture<Node> create(String path, String text, CreateMode mode) {
        CompletableFuture<Node> answer = new CompletableFuture<>();
        handle.create(
                path,
                text.getBytes(StandardCharsets.UTF_8),
                acl,
                mode,
                (rc, asked, ctx, name, stat) -> settle(answer, rc, asked, rc == 0 ? new Node(name, text, stat) : null),
                null);
        return answer;
    }

    CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        handle.getChildren(
                path,
                false,
                (int rc, String asked, Object ctx, List<String> found) -> settle(answer, rc, asked, found),
                null);
        return answer;
    }

    /**
     * Reads a node.
     *
     * @param watcher told when it goes or changes, if it is there; null for nobody. A node that is not there is not watched
     */
    CompletableFuture<Node> read(String path, @Nullable Watcher watcher) {
        CompletableFuture<Node> answer = new CompletableFuture<>();
        handle.getData(
                path,
                watcher,
                (rc, asked, ctx, data, stat) -> settle(answer, rc, asked, rc == 0 ? node(path, data, stat) : null),
                null);
        return answer;
    }

    private static Node node(String path, byte @Nullable [] data, Stat stat) {
        return new Node(path, data == null ? "" : new String(data, StandardCharsets.UTF_8), stat);
    }

    CompletableFuture<Stat> write(String path, String text) {
        CompletableFuture<Stat> answer = new CompletableFuture<>();
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        handle.setData(path, data, -1, (rc, asked, ctx, stat) -> settle(answer, rc, asked, stat), null);
        return answer;
    }

    /** Completes with false when it was gone before. */
    CompletableFuture<Boolean> delete(String path) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        handle.delete(
                path,
                -1,
                (rc, asked, ctx) -> {
                    if (rc == Code.NONODE.intValue()) {
                        answer.complete(false);
                    } else {
                        settle(answer, rc, asked, true);
                    }
                },
                null);
        return answer;
    }

    /** Who may do what with a node. */
    CompletableFuture<List<ACL>> rights(String path) {
        CompletableFuture<List<ACL>> answer = new CompletableFuture<>();
        handle.getACL(path, null, (rc, asked, ctx, found, stat) -> settle(answer, rc, asked, found), null);
        return answer;
    }

    /** What is read afterwards is no older than this request; says nothing of what a leader does not know that was deposed. */
    CompletableFuture<Boolean> sync(String path) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        handle.sync(path, (rc, asked, ctx) -> settle(answer, rc, asked, true), null);
        return answer;
    }

    private <T> void settle(CompletableFuture<T> answer, int rc, String path, @Nullable T value) {
        if (rc == Code.SESSIONEXPIRED.intValue()) {
            expired.run();
        }
        if (handle.getState() == States.CONNECTEDREADONLY) {
            // A lent client may be content with a server that has lost its quorum. It shows what was never agreed to.
            answer.completeExceptionally(Failures.ofCode(Code.NOTREADONLY.intValue(), path));
        } else if (rc == 0 && value != null) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(Failures.ofCode(rc, path));
        }
    }

    /**
     * Creates the containers that a path needs, from below: who may not create nodes further up need not.
     *
     * @param path of the node that is wanted, a container itself
     */
    CompletableFuture<Boolean> containers(String path) {
        return create(path, "", CreateMode.CONTAINER)
                .thenApply(created -> true)
                .handle((created, failure) -> {
                    int parent = path.lastIndexOf('/');
                    if (failure == null || Failures.is(failure, Code.NODEEXISTS)) {
                        return CompletableFuture.completedFuture(true);
                    }
                    if (Failures.is(failure, Code.NONODE) && parent > 0) {
                        return containers(path.substring(0, parent)).thenCompose(done -> containers(path));
                    }
                    return CompletableFuture.<Boolean>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    /** The same stage with our exceptions, failed when it takes longer than a request may. */
    <T extends @Nullable Object> CompletableFuture<T> limit(CompletionStage<T> stage, String what) {
        return limit(stage, what, runtime);
    }

    /** Likewise, on the time of somebody who asks in this session without having it: its client may be closed meanwhile. */
    <T extends @Nullable Object> CompletableFuture<T> limit(CompletionStage<T> stage, String what, LockRuntime whose) {
        CompletableFuture<T> answer = ours(stage, what);
        Scheduled limit = whose.scheduler()
                .schedule(
                        () -> answer.completeExceptionally(failures.unanswered(what, "operation-timeout has passed")),
                        timeoutNanos);
        answer.whenComplete((value, failure) -> limit.cancel());
        return answer;
    }

    /** Likewise, with a limit of its own: a renewal may take longer than other requests (rule KE-3). */
    <T extends @Nullable Object> CompletableFuture<T> limit(CompletionStage<T> stage, String what, Duration most) {
        CompletableFuture<T> answer = ours(stage, what);
        Scheduled limit = runtime.scheduler()
                .schedule(
                        () -> answer.completeExceptionally(
                                failures.unanswered(what, "for " + DurationFormat.show(most))),
                        most.toNanos());
        answer.whenComplete((value, failure) -> limit.cancel());
        return answer;
    }

    private <T extends @Nullable Object> CompletableFuture<T> ours(CompletionStage<T> stage, String what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failures.of(failure, what));
            }
        });
        return answer;
    }
}
