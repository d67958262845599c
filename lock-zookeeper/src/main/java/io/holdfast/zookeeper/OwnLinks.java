// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;

/**
 * A Curator client for each session: ending the client ends the session in the ensemble, and with it whatever an unknown request may
 * have left there.
 */
final class OwnLinks implements Links {
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

    /** How long closing waits for clients that are still telling their servers. */
    private static final Duration PATIENCE = Duration.ofMillis(800);

    private final CuratorSettings curators;
    private final Set<Dial> dials = ConcurrentHashMap.newKeySet();
    private final Map<CuratorFramework, Ending> endings = new ConcurrentHashMap<>();
    private final ThreadFactory threads;
    private volatile boolean closed;

    OwnLinks(CuratorSettings curators) {
        this(curators, task -> new Thread(task, "holdfast-zookeeper-close"));
    }

    OwnLinks(CuratorSettings curators, ThreadFactory threads) {
        this.curators = curators;
        this.threads = threads;
    }

    private record Ending(Thread thread, Runnable work, CompletableFuture<@Nullable Void> done) {}

    @Override
    public boolean areShared() {
        return false;
    }

    @Override
    public List<StoreFinding> way() {
        return curators.way();
    }

    @Override
    public List<ServerWords> servers() {
        return curators.words();
    }

    @Override
    public CompletableFuture<Link> join(LinkPlan plan) {
        CuratorFramework curator = curators.create(plan.runtime().clock(), plan.lease());
        Dial dial = new Dial(curator, plan);
        CompletableFuture<Link> link = dial.begin(curator::start);
        dials.add(dial);
        link.whenComplete((made, failure) -> dials.remove(dial));
        if (closed) { // after it was added: who closes has either set this before, or finds it
            dial.abandon();
        }
        explain(dial, link, plan);
        return link.whenComplete((made, failure) -> {
            if (failure != null) {
                // Nothing was held in it. To wait for a connection would keep the threads of each attempt for a lease.
                end(curator, plan, Duration.ZERO);
            }
        });
    }

    /** Nobody is reached at once: should TLS be the reason, waiting for longer is of no use (rule OP-1). */
    private void explain(Dial dial, CompletableFuture<Link> link, LinkPlan plan) {
        TlsProbe probe = curators.probe();
        if (probe == null) {
            return;
        }
        LockRuntime runtime = plan.runtime();
        Runnable ask = () -> {
            if (!link.isDone()) {
                probe.complaint().ifPresent(dial::giveUp);
            }
        };
        long moment = Math.min(plan.settings().oneTry().toNanos() / 2, TimeUnit.SECONDS.toNanos(1));
        Scheduled asking = runtime.scheduler().schedule(() -> runtime.executor().execute(ask), moment);
        link.whenComplete((made, failure) -> asking.cancel());
    }

    @Override
    public CompletionStage<@Nullable Void> leave(Link link) {
        link.end(false);
        return end(link.curator(), link.plan(), link.plan().lease());
    }

    /** Curator's close waits for the servers' answer, so it has a thread of its own. */
    private CompletableFuture<@Nullable Void> end(CuratorFramework curator, LinkPlan plan, Duration patience) {
        Ending[] made = new Ending[1];
        Ending ending = endings.computeIfAbsent(curator, key -> {
            CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
            Runnable work = () -> close(curator, plan, patience, done);
            Thread thread = threads.newThread(work);
            thread.setDaemon(true);
            made[0] = new Ending(thread, work, done);
            return made[0];
        });
        if (made[0] != null) {
            ending.done().whenComplete((done, failure) -> endings.remove(curator));
            begin(ending, plan, FIRST_PAUSE);
        }
        return ending.done();
    }

    /** Without a thread of its own it has one of the client's; without any it is begun when there is one (rule SP-7). */
    private static void begin(Ending ending, LinkPlan plan, long pause) {
        try {
            ending.thread().start();
        } catch (OutOfMemoryError noThread) {
            try {
                plan.runtime().executor().execute(ending.work());
            } catch (RuntimeException | Error refused) {
                later(ending, plan, pause, refused);
            }
        }
    }

    private static void later(Ending ending, LinkPlan plan, long pause, Throwable why) {
        try {
            long next = Math.min(2 * pause, LONGEST_PAUSE);
            plan.runtime().scheduler().schedule(() -> begin(ending, plan, next), pause);
        } catch (RuntimeException | Error refused) { // the client's threads have ended
            ending.done()
                    .completeExceptionally(new LockUnavailableException(
                            "store " + plan.store() + ", close: no thread to do it on (" + why + ")"));
        }
    }

    private void close(
            CuratorFramework curator, LinkPlan plan, Duration patience, CompletableFuture<@Nullable Void> done) {
        boolean connected = reconnected(curator, closed ? Duration.ZERO : patience);
        long began = System.nanoTime();
        curator.close();
        boolean answered =
                System.nanoTime() - began < plan.settings().operationTimeout().toNanos();
        if (connected && answered) {
            done.complete(null);
        } else {
            done.completeExceptionally(new LockUnavailableException("store " + plan.store()
                    + ", close: no answer; the session ends at the servers when its lease has passed"));
        }
    }

    /** With a connection the servers end the session at once; a lease later they have ended it by themselves. */
    private static boolean reconnected(CuratorFramework curator, Duration patience) {
        try {
            int millis = Math.toIntExact(patience.toMillis());
            return curator.getZookeeperClient().isConnected() || curator.blockUntilConnected(millis, MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the backend is closed: Curator's close is not to wait either
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        // Their limit in time runs on the scheduler of a client that is closed, too: it may never come.
        dials.forEach(Dial::abandon);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Ending ending : endings.values()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                ending.thread().join(Math.max(1, left));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Curator gives up waiting for its servers, and ends its threads.
        endings.values().forEach(ending -> ending.thread().interrupt());
    }
}
