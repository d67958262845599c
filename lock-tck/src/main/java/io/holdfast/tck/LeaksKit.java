// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.Tap;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** CL-3 and LK-2: what waited, gave up or was refused leaves no thread and nothing in the heap. */
@Alone
abstract class LeaksKit extends SpiCase {
    private static final int CONTENDERS = 60;
    private static final int WAITERS = 8;
    private static final int LOCKS = 60;

    /** What an engine or a backend may keep of those it saw last. */
    private static final int KEPT = 10;

    private static final int ROUNDS = 250;

    /** Fewer could leave less than the JVM's own coming and going, on a machine that has no time for more. */
    private static final int LEAST_ROUNDS = 100;

    /** In so many rounds a session comes and goes. */
    private static final int A_SESSION = 16;

    /** So often must it have grown to be told of: what is kept for good grows each time. */
    private static final int GROWN = 3;

    /** So often must it not have grown: what ends beside the test can hide one growth. */
    private static final int NOT_GROWN = 2;

    /** Bytes that a round may leave for good: a store inside this JVM may remember the ids of what was given up. */
    private static final long LEFT_OF_A_ROUND = 1024;

    /** Less than this is the JVM's own coming and going. */
    private static final long LEAST_GROWTH = 96 * 1024;

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

    /** Beside the contenders, a backend may keep what it made for them: a lock for each name, a listener, an answer. */
    @Test
    @Proves("LK-2")
    void whatIsOverTakesNoRoomInTheHeap() throws Exception {
        SpiClient client = spi();
        String stem = name();
        String busy = name();
        granted("LK-2", spi().contend(busy, false, null));
        collects();
        result("LK-2", patience(), "rounds of locks that come and go", rounds(client, stem, busy)); // a warm-up
        long room = usedRoom();
        int grew = 0;
        for (int windows = 0; windows - grew < NOT_GROWN; windows++) {
            long made = result("LK-2", patience(), "rounds of locks that come and go", rounds(client, stem, busy));
            long before = room;
            room = usedRoom();
            long grown = room - before;
            if (grown < Math.max(LEAST_GROWTH, made * LEFT_OF_A_ROUND)) {
                continue;
            }
            grew++;
            check(
                    "LK-2",
                    grew < GROWN,
                    () ->
                            "locks of other names were taken, renewed and released, tries of a held one refused, waits for it"
                                    + " given up, both looked at, and sessions opened and closed, " + made
                                    + " times each: that left " + grown / made
                                    + " bytes a time in the heap, and as much " + (GROWN - 1) + " times before");
        }
    }

    /** As many as there is time for; none is known to the kit afterwards. */
    private Call<Long> rounds(SpiClient client, String stem, String busy) {
        LockRuntime runtime = scene().runtime();
        return begin(() -> {
            long begun = System.nanoTime();
            long usual = begun + time().scaled(600).toNanos();
            long longest = begun + patience().toNanos() / 2; // on a machine with other work fewer must do
            long made = 0;
            while (System.nanoTime() - (made < LEAST_ROUNDS ? longest : usual) < 0 && made < ROUNDS) {
                String name = stem + "-" + client.request(busy, false, null).contenderId();
                Contender held = begun(client, name, false);
                Grant grant = now(held.granted());
                check("LK-2", grant != null, () -> "the free lock '" + name + "' was refused");
                now(client.session().renew(List.of(held)));
                now(client.session().release(grant));
                if (made % A_SESSION == 0) {
                    SessionOptions options = new SessionOptions(time().longLease(), stem, runtime);
                    now(now(client.backend().openSession(options, new SpiClient(client.backend())))
                            .close());
                }
                now(begun(client, busy, false).answered());
                if (capabilities().queues()) {
                    Contender waiting = begun(client, busy, true);
                    now(waiting.answered());
                    now(waiting.withdraw());
                }
                now(client.backend().inspect(name));
                made++;
            }
            return made;
        });
    }

    private static Contender begun(SpiClient client, String name, boolean enqueue) {
        Contender contender = client.session().contend(client.request(name, enqueue, null));
        contender.start();
        return contender;
    }

    private static <T extends @Nullable Object> T now(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get();
    }

    /**
     * What is still referred to: what the first collection has let go of may be known to the second one only. It is asked as
     * of the collection: what is free now lacks a megabyte for each thread that has allocated since.
     */
    private static long usedRoom() {
        System.gc();
        System.gc();
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage left = pool.getCollectionUsage();
            if (pool.getType() == MemoryType.HEAP && left != null) {
                used += left.getUsed();
            }
        }
        return used > 0
                ? used
                : Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
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

    /** One more for each would end the JVM that has ten thousand. They come one after the other: none is busy at the same time. */
    @Test
    @Proves("SP-10")
    void holdsAndWaitsTakeNoThreadEach() throws Exception {
        LockClient holder = client();
        LockClient waiter = client();
        holdAndAwait(holder, waiter);
        int before = steadyThreads(time()).size();
        for (int i = 0; i < LOCKS; i++) {
            holdAndAwait(holder, waiter);
        }
        eventually(
                "SP-10",
                () -> threads().size() < before + LOCKS / 2,
                () -> LOCKS + " locks were taken and as many waited for, and there are "
                        + threads().size()
                        + " threads in place of " + before + ": "
                        + threads().stream().map(Thread::getName).sorted().toList());
    }

    private void holdAndAwait(LockClient holder, LockClient waiter) throws Exception {
        String name = name();
        hold("SP-10", holder, name);
        waiter.acquireAsync(name);
        inLine("SP-10", holder, name, 2);
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
