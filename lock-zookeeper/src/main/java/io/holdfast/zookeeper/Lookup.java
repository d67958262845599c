// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** Looks at locks from outside: who holds, and away with him. What is read is no older than the question. */
final class Lookup {
    /** So many names are asked for at once. */
    private static final int AT_ONCE = 100;

    private final Requests requests;
    private final LockPaths paths;

    Lookup(Requests requests, LockPaths paths) {
        this.requests = requests;
        this.paths = paths;
    }

    CompletableFuture<StoredLock> inspect(String name) {
        requests.sync(paths.of(name));
        return stored(name);
    }

    private CompletableFuture<StoredLock> stored(String name) {
        return holder(name, (line, node) -> {
            if (node == null) {
                return CompletableFuture.completedFuture(StoredLock.free(name, line.length()));
            }
            Inscription says = Inscription.read(node);
            return CompletableFuture.completedFuture(
                    new StoredLock(name, node.stat().getCzxid(), says.label(), says.sinceMillis(), line.length()));
        });
    }

    /** The line and the node of the holder; null when nobody is there. One that leaves between the two is asked for anew. */
    private <T> CompletableFuture<T> holder(
            String name, BiFunction<Line, Requests.@Nullable Node, CompletableFuture<T>> then) {
        String container = paths.of(name);
        return next(
                requests.children(container),
                children -> {
                    Line line = Line.of(children);
                    String first = line.first();
                    return first == null
                            ? then.apply(line, null)
                            : next(
                                    requests.read(container + "/" + first, null),
                                    node -> then.apply(line, node),
                                    () -> holder(name, then));
                },
                () -> then.apply(Line.of(List.of()), null));
    }

    /** Goes on with an answer; or otherwise when there is no such node. */
    private static <A, B> CompletableFuture<B> next(
            CompletableFuture<A> answer,
            java.util.function.Function<A, CompletableFuture<B>> there,
            Supplier<CompletableFuture<B>> missing) {
        return answer.handle((value, failure) -> {
                    if (failure == null) {
                        return there.apply(value);
                    }
                    return Failures.is(failure, Code.NONODE)
                            ? missing.get()
                            : CompletableFuture.<B>failedFuture(failure);
                })
                .thenCompose(stage -> stage);
    }

    CompletableFuture<List<StoredLock>> list() {
        requests.sync(paths.root());
        return next(
                requests.children(paths.root()),
                children -> page(
                        children.stream()
                                .map(LockPaths::name)
                                .flatMap(Optional::stream)
                                .toList(),
                        0,
                        new ArrayList<>()),
                () -> CompletableFuture.completedFuture(new ArrayList<>()));
    }

    private CompletableFuture<List<StoredLock>> page(List<String> names, int from, List<StoredLock> found) {
        if (from >= names.size()) {
            return CompletableFuture.completedFuture(found);
        }
        int to = Math.min(from + AT_ONCE, names.size());
        List<CompletableFuture<StoredLock>> asked =
                names.subList(from, to).stream().map(this::readable).toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenCompose(done -> {
            for (CompletableFuture<StoredLock> one : asked) {
                StoredLock lock = one.join();
                if (lock.contenders() > 0) { // else a container that the servers have not reaped yet
                    found.add(lock);
                }
            }
            return page(names, to, found);
        });
    }

    /** A lock of other users, which we may not look at, is none of ours. */
    private CompletableFuture<StoredLock> readable(String name) {
        return stored(name)
                .handle((lock, failure) -> Failures.is(failure, Code.NOAUTH)
                        ? CompletableFuture.completedFuture(StoredLock.free(name, 0))
                        : failure == null
                                ? CompletableFuture.completedFuture(lock)
                                : CompletableFuture.<StoredLock>failedFuture(failure))
                .thenCompose(stage -> stage);
    }

    CompletableFuture<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        requests.sync(paths.of(name));
        return holder(name, (line, node) -> {
            if (node == null) {
                return CompletableFuture.completedFuture(ForceOutcome.NOT_HELD);
            }
            if (storeToken.isPresent() && storeToken.getAsLong() != node.stat().getCzxid()) {
                return CompletableFuture.completedFuture(ForceOutcome.MOVED_ON);
            }
            return requests.delete(node.path())
                    .thenCompose(removed -> removed
                            ? CompletableFuture.completedFuture(ForceOutcome.RELEASED)
                            : forceRelease(name, storeToken));
        });
    }
}
