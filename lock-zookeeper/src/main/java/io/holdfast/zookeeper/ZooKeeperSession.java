// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A lock client's contenders in one session of the ensemble. */
final class ZooKeeperSession implements LockSession {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ZooKeeperBackend backend;
    private final Link link;
    private final SessionOptions options;
    private final SessionEvents events;
    private final long mark = RANDOM.nextLong();
    private final Map<Long, ZooKeeperContender> contenders = new ConcurrentHashMap<>();
    private final AtomicBoolean over = new AtomicBoolean();

    /** Guarded by this. */
    private @Nullable CompletionStage<@Nullable Void> left;

    ZooKeeperSession(ZooKeeperBackend backend, Link link, SessionOptions options, SessionEvents events) {
        this.backend = backend;
        this.link = link;
        this.options = options;
        this.events = events;
    }

    @Override
    public String id() {
        return link.id();
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    @Override
    public long basis() {
        return link.basis();
    }

    Link link() {
        return link;
    }

    String label() {
        return options.label();
    }

    String markOf(long contenderId) {
        return LockPaths.mark(mark, contenderId);
    }

    /** What a contender's node holds: since when it contends, by our clock, and for whom. */
    String inscription() {
        return Inscription.write(options.runtime().clock().wallMillis(), options.label());
    }

    @Override
    public Contender contend(LockRequest request) {
        ZooKeeperContender contender = new ZooKeeperContender(this, request);
        contenders.put(request.contenderId(), contender);
        contender.send();
        return contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        if (grant.reference() instanceof ZooKeeperContender contender && contender.isOf(this)) {
            return contender.release();
        }
        return CompletableFuture.completedFuture(false); // another session's: not ours to give back
    }

    boolean isOver() {
        return over.get();
    }

    void forget(ZooKeeperContender contender) {
        contenders.remove(contender.request().contenderId(), contender);
    }

    void grantLost(Grant grant, String why) {
        events.grantLost(grant, why);
    }

    /** Looks at the contenders first and writes last: answers come in order. */
    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        List<ZooKeeperContender> ours = new ArrayList<>(asked.size());
        for (Contender contender : asked) {
            if (contender instanceof ZooKeeperContender one) {
                ours.add(one);
            }
        }
        // With a write that others of the session have sent there is no such order: the looks are awaited, too.
        CompletableFuture<?> looked = link.isConnected() ? looks(ours) : CompletableFuture.completedFuture(null);
        return link.renew(lease()).thenCombine(looked, (sentAt, seen) -> {
            Map<Long, ContenderStatus> statuses = new HashMap<>();
            for (ZooKeeperContender contender : ours) {
                if (contender.isGone()) {
                    statuses.put(contender.request().contenderId(), ContenderStatus.GONE);
                }
            }
            return new Renewal(sentAt, statuses);
        });
    }

    /** Never fails: a look that failed is repeated at the next renewal. */
    private CompletableFuture<?> looks(List<ZooKeeperContender> ours) {
        CompletableFuture<?>[] all =
                ours.stream().map(ZooKeeperContender::check).toArray(CompletableFuture[]::new);
        return link.requests()
                .limit(CompletableFuture.allOf(all), "look", lease().dividedBy(2))
                .handle((seen, failure) -> null);
    }

    void reconnected() {
        contenders.values().forEach(ZooKeeperContender::reconnected);
    }

    /** Whether nothing is held or waited for; what is being undone goes with the session, too. */
    boolean isIdle() {
        return contenders.values().stream().noneMatch(ZooKeeperContender::isOfUse);
    }

    void suspended(String why) {
        events.sessionSuspect(why);
    }

    void lost(String why) {
        events.sessionLost(why);
        endContenders();
    }

    /** The engine closes it, and that takes its contenders along: the session in the ensemble lives on for the time being. */
    void shortened(Duration agreed) {
        events.sessionLost(
                "the servers have shortened the session to " + DurationFormat.show(agreed) + ", and the lease is "
                        + DurationFormat.show(lease()) + ": their maxSessionTimeout or tickTime was lowered");
    }

    /** Their nodes go with the session. */
    private void endContenders() {
        List.copyOf(contenders.values()).forEach(ZooKeeperContender::sessionEnded);
    }

    /** With a link of its own the session in the ensemble ends; on a shared one every contender goes by itself. */
    @Override
    public CompletionStage<@Nullable Void> close() {
        over.set(true);
        if (!link.plan().isShared() || link.isLost()) {
            endContenders();
            return leave();
        }
        List<ZooKeeperContender> all = List.copyOf(contenders.values());
        CompletableFuture<?>[] gone =
                all.stream().map(c -> c.withdraw().toCompletableFuture()).toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(gone).handle((done, failure) -> failure).thenCompose(failure -> {
            if (failure != null) {
                // The engine may stop asking, and the ensemble keeps a session that others use.
                link.leaveBehind(List.copyOf(contenders.values()));
            }
            CompletionStage<@Nullable Void> last = leave();
            return failure == null ? last : last.thenCompose(done -> CompletableFuture.failedFuture(failure));
        });
    }

    /** Once: who asks again hears what became of it. */
    private synchronized CompletionStage<@Nullable Void> leave() {
        if (left == null) {
            left = backend.leave(this);
        }
        return link.requests().limit(left, "close");
    }

    /** The backend is closed under it. */
    void abandon() {
        if (over.compareAndSet(false, true)) {
            close();
            events.sessionLost("the backend was closed");
        }
    }

    @Override
    public String toString() {
        return id() + " (" + options.label() + ")";
    }
}
