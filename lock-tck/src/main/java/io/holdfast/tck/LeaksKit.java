// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Tap;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** CL-3 and LK-2: what waited, gave up or was refused leaves no thread and nothing in the heap. */
@Alone
abstract class LeaksKit extends Kit {
    private static final int CONTENDERS = 60;
    private static final int WAITERS = 8;

    /** What an engine or a backend may keep of those it saw last. */
    private static final int KEPT = 10;

    @Test
    @Proves("LK-2")
    void contendersThatAreOverAreNotKept() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockClient other = client();
        String busy = name();
        LockHandle hold = hold("LK-2", other, busy);
        for (int i = 0; i < CONTENDERS; i++) {
            client.acquire(name()).release(); // here, since the scene remembers what its threads returned
            check("LK-2", client.tryAcquire(busy).isEmpty(), () -> "a try got a lock that another client holds");
            CompletableFuture<LockHandle> asked = client.acquireAsync(busy).toCompletableFuture();
            eventually("LK-2", () -> client.metrics().waiting() == 1, () -> "waiting: " + client.metrics());
            asked.cancel(true);
            eventually("LK-2", () -> client.metrics().waiting() == 0, () -> "waiting: " + client.metrics());
        }
        hold.release();
        collects();
        eventually(
                "LK-2",
                () -> {
                    System.gc();
                    return tap.contendersInTheHeap() <= KEPT;
                },
                () -> "of " + tap.contendersMade() + " contenders, of which none waits or holds any more, "
                        + tap.contendersInTheHeap() + " are still referred to");
    }

    /** A machine whose collector takes no advice cannot show what is kept. */
    private void collects() throws Exception {
        WeakReference<Object> gone = new WeakReference<>(new Object());
        if (!Await.until(patience(), () -> {
            System.gc();
            return gone.get() == null;
        })) {
            throw new HookMissing("collect garbage when asked (-XX:+DisableExplicitGC?)");
        }
    }

    @Test
    @Proves("CL-3")
    void clientsThatWaitedLeaveNoThreads() throws Exception {
        waitAndGo(); // what a store client keeps for the whole JVM comes with the first one
        Set<Thread> before = steadyThreads(time());
        for (int i = 0; i < 3; i++) {
            waitAndGo();
        }
        eventually(
                "CL-3",
                () -> threads().size() <= before.size(),
                () -> "of three clients that waited, and were closed, these threads are left: "
                        + threads().stream()
                                .filter(thread -> !before.contains(thread))
                                .map(Thread::getName)
                                .sorted()
                                .toList());
    }

    /** Some of the waiters are granted, some give up, and the others are ended by close. */
    private void waitAndGo() throws Exception {
        LockBackend backend = scene().backend();
        LockBackend others = scene().backend();
        LockClient holder = LockClient.open(others, scene().config(UnaryOperator.identity()));
        LockClient waiter = LockClient.open(backend, scene().config(UnaryOperator.identity()));
        List<LockHandle> holds = new ArrayList<>();
        List<CompletableFuture<LockHandle>> waits = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            String name = name();
            holds.add(hold("CL-3", holder, name));
            waits.add(waiter.acquireAsync(name).toCompletableFuture());
            inLine("CL-3", holder, name, 2);
        }
        for (int i = 0; i < WAITERS; i += 4) {
            holds.get(i).release();
            CompletableFuture<LockHandle> granted = waits.get(i);
            Call<LockHandle> taking = begin(granted::get);
            result("CL-3", patience(), "a waiter, after the release,", taking).release();
            waits.get(i + 1).cancel(true);
        }
        waiter.close();
        holder.close();
        backend.close();
        others.close();
    }

    /** When none has ended for a while: one that was to end by itself must not make room for one that stays. */
    static Set<Thread> steadyThreads(TckTime time) throws InterruptedException {
        long end = System.nanoTime() + time.patience().toNanos();
        Set<Thread> seen = threads();
        while (true) {
            Await.pass(time.moment().multipliedBy(2));
            Set<Thread> now = threads();
            if (now.containsAll(seen) || System.nanoTime() - end >= 0) {
                return now;
            }
            seen = now;
        }
    }

    /** Of Holdfast and of store clients: all but those of the kit and of the Java platform. */
    static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().matches("tck-.*|ForkJoinPool.*|process reaper.*|Keep-Alive-.*"))
                .collect(Collectors.toSet());
    }
}
