// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.StoreFinding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;

/**
 * The links of lent Curator clients: all lock clients on one Curator client and prefix share its session, its renewals and its
 * connection. Made for the first of them, given up with the last. Thread-safe.
 */
final class SharedLinks implements Links {
    private static final Map<Key, Shared> SHARED = new HashMap<>();

    private final CuratorFramework curator;

    SharedLinks(CuratorFramework curator) {
        this.curator = curator;
    }

    /** A link runs on the settings and the threads of those that share it: others get one of their own. */
    private record Key(IdentityOf curator, String root, ZooKeeperSettings settings, IdentityOf scheduler) {}

    /** Two Curator clients, or two schedulers, are one only when they are the same object. */
    private record IdentityOf(Object object) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof IdentityOf that && object == that.object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }
    }

    private static final class Shared {
        final CompletableFuture<Link> link = new CompletableFuture<>();

        /** Guarded by SHARED. */
        int users;

        boolean isUsable() {
            if (!link.isDone()) {
                return true;
            }
            return !link.isCompletedExceptionally() && link.join().isCurrent();
        }
    }

    @Override
    public boolean areShared() {
        return true;
    }

    private Key keyOf(LinkPlan plan) {
        return new Key(
                new IdentityOf(curator),
                plan.paths().root(),
                plan.settings(),
                new IdentityOf(plan.runtime().scheduler()));
    }

    @Override
    public List<StoreFinding> way() {
        return List.of();
    }

    @Override
    public List<ServerWords> servers() {
        return List.of();
    }

    @Override
    public CompletableFuture<Link> join(LinkPlan plan) {
        Shared joined;
        boolean made = false;
        synchronized (SHARED) {
            Shared known = SHARED.get(keyOf(plan));
            if (known == null || !known.isUsable()) {
                known = new Shared();
                SHARED.put(keyOf(plan), known);
                made = true;
            }
            joined = known;
            joined.users++;
        }
        if (made) {
            dial(plan, joined);
        }
        // Nobody may have renewed it for some time: an outage that it outlived makes its basis old.
        return joined.link.thenCompose(link -> link.refresh(plan.lease())).whenComplete((link, failure) -> {
            if (failure != null && left(plan, joined)) {
                // The link stands, and what failed was to prove it: with nobody to leave it, nobody else would end it.
                joined.link.thenAccept(unused -> unused.end(true));
            }
        });
    }

    private void dial(LinkPlan plan, Shared shared) {
        new Dial(curator, plan).begin(() -> {}).whenComplete((link, failure) -> {
            if (failure == null) {
                shared.link.complete(link);
            } else {
                shared.link.completeExceptionally(failure);
            }
        });
    }

    @Override
    public CompletionStage<@Nullable Void> leave(Link link) {
        Shared shared;
        synchronized (SHARED) {
            Shared known = SHARED.get(keyOf(link.plan()));
            shared = known != null && known.link.getNow(null) == link ? known : null;
        }
        if (shared == null || !left(link.plan(), shared)) {
            return CompletableFuture.completedFuture(null);
        }
        return link.end(true).thenApply(done -> null);
    }

    /** Whether that was the last one. */
    private boolean left(LinkPlan plan, Shared shared) {
        synchronized (SHARED) {
            shared.users--;
            if (shared.users == 0) {
                SHARED.remove(keyOf(plan), shared);
            }
            return shared.users == 0;
        }
    }

    @Override
    public void close() {
        // The Curator client stays as it is.
    }
}
