// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockDeniedException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.line.Ticket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * The node of one contender: asked for once, and removed whatever became of that. Thread-safe.
 *
 * <p>It bears a mark that no other contender has, so an unknown outcome is settled by looking for the mark: after a new connection of
 * the same session, requests of the old one are refused or have come before.
 */
final class ContenderNode {
    private final Link link;
    private final Requests requests;
    private final Ticket ticket;
    private final String container;
    private final String mark;

    /** Fails with what surely did nothing, or with an unknown outcome. */
    private final CompletableFuture<Made> made = new CompletableFuture<>();

    ContenderNode(Link link, Ticket ticket, String mark) {
        this.link = link;
        this.requests = link.requests();
        this.ticket = ticket;
        this.container = link.plan().paths().of(ticket.name());
        this.mark = mark;
    }

    /**
     * A node that was made, and the line just after.
     *
     * @param node the contender's
     * @param children what was in the container then; null when that was not told
     * @param unlisted why it was not
     */
    record Made(Requests.Node node, @Nullable List<String> children, @Nullable Throwable unlisted) {}

    String container() {
        return container;
    }

    /** Null when it was not made, or nobody knows yet whether. */
    Requests.@Nullable Node get() {
        Made known = made.isCompletedExceptionally() ? null : made.getNow(null);
        return known == null ? null : known.node();
    }

    /**
     * Makes it.
     *
     * @param text what it holds
     * @param givenUp whether it is no longer wanted; then it is not asked for again
     * @return fails with one of our exceptions, see {@link #surelyNothing}
     */
    CompletableFuture<Made> make(String text, BooleanSupplier givenUp) {
        if (link.isConnected() && !givenUp.getAsBoolean()) {
            attempt(text, givenUp);
        } else {
            made.completeExceptionally(link.notConnected("contend"));
        }
        return made;
    }

    /**
     * Both requests leave together; the list comes after the node was made and has it, on one connection. What an attempt has listed is
     * its own: it may come to be read when another attempt is done.
     */
    private void attempt(String text, BooleanSupplier givenUp) {
        CompletableFuture<Requests.Node> creating =
                requests.create(container + "/" + mark, text, CreateMode.EPHEMERAL_SEQUENTIAL);
        CompletableFuture<List<String>> listing = requests.children(container);
        creating.whenComplete((node, failure) -> {
            if (failure == null) {
                listing.whenComplete((children, unlisted) -> made.complete(new Made(node, children, unlisted)));
            } else if (Failures.is(failure, Code.NONODE)) {
                // No container yet, or the server has reaped the empty one since.
                requests.containers(container).whenComplete((ready, why) -> {
                    if (why != null) {
                        notMade(why);
                    } else if (givenUp.getAsBoolean()) {
                        notMade(new LockUnavailableException(
                                "store " + link.plan().store() + ", contend: it was given up"));
                    } else {
                        attempt(text, givenUp);
                    }
                });
            } else {
                notMade(failure);
            }
        });
    }

    private void notMade(Throwable failure) {
        made.completeExceptionally(link.plan().failures().of(failure, "contend"));
    }

    /** Whether a failure means that no node was made and none will be. */
    static boolean surelyNothing(@Nullable Throwable failure) {
        return failure instanceof LockUnavailableException || failure instanceof LockDeniedException;
    }

    /** Deletes it: its path is its own alone, so that a late or repeated deletion touches no other. */
    CompletableFuture<Boolean> delete(Requests.Node node) {
        return requests.delete(node.path());
    }

    /** Waits for its own request first; then deletes the node it made, or looks whether it made one. */
    CompletableFuture<Boolean> undo() {
        return made.handle((known, failure) -> {
                    if (surelyNothing(failure)) {
                        return CompletableFuture.completedFuture(true);
                    }
                    if (!link.isConnected()) {
                        return CompletableFuture.<Boolean>failedFuture(link.notConnected("withdraw"));
                    }
                    return known == null ? removeWhatBearsTheMark() : delete(known.node());
                })
                .thenCompose(stage -> stage);
    }

    /**
     * Whatever was sent before is done or refused once a write that was sent after it is acknowledged, and the server that acknowledged
     * it knows. A sync proves less: a leader that was deposed and does not know yet answers it, and shows nothing of what its successor
     * has agreed to.
     */
    private CompletableFuture<Boolean> removeWhatBearsTheMark() {
        // Both leave together. A write that failed proves nothing of a server that the list may come from after it.
        return link.proof()
                .thenCombine(requests.children(container), (proved, children) -> children)
                .handle((children, failure) -> {
                    if (Failures.is(failure, Code.NONODE)) {
                        return CompletableFuture.completedFuture(true);
                    }
                    if (children == null) {
                        return CompletableFuture.<Boolean>failedFuture(failure);
                    }
                    CompletableFuture<?>[] all = children.stream()
                            .filter(child -> child.startsWith(mark))
                            .map(child -> requests.delete(container + "/" + child))
                            .toArray(CompletableFuture[]::new);
                    return CompletableFuture.allOf(all).thenApply(done -> true);
                })
                .thenCompose(stage -> stage);
    }

    @Override
    public String toString() {
        return ticket + " as " + mark;
    }
}
