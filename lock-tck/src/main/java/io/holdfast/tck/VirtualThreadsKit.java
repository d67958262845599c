// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** WA-11: waits on virtual threads, on Java versions that have them. */
@Alone
abstract class VirtualThreadsKit extends Kit {
    private static final int THREADS = 200;

    private static Thread start(Runnable body) throws Exception {
        Method starter;
        try {
            starter = Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            throw new HookMissing(
                    Hook.NONE, "use virtual threads: Java " + Runtime.version().feature() + " has none");
        }
        return (Thread) starter.invoke(null, body);
    }

    @Test
    @Proves({"WA-11", "RE-1"})
    void manyMoreVirtualThreadsThanCarriersWaitAndMakeProgress() throws Exception {
        String name = name();
        LockClient client = client();
        DistributedLock lock = client.lock(name);
        LockHandle before = hold("WA-11", client(), name);
        AtomicInteger held = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(start(() -> {
                lock.lock();
                try {
                    if (lock.tryLock()) {
                        lock.unlock();
                        held.incrementAndGet();
                    }
                } finally {
                    lock.unlock();
                }
            }));
        }
        // All of them wait, and still there is a carrier for another one.
        eventually("WA-11", () -> client.metrics().waiting() == THREADS, () -> "waiting: " + client.metrics());
        AtomicInteger other = new AtomicInteger();
        start(other::incrementAndGet);
        eventually("WA-11", () -> other.get() == 1, () -> "waiting virtual threads keep every carrier");
        before.release();
        for (Thread thread : threads) {
            play("WA-11", "a virtual thread that waits for the lock", () -> {
                thread.join();
                return true;
            });
        }
        check("WA-11", held.get() == THREADS, () -> held.get() + " of " + THREADS + " virtual threads held the lock");
    }
}
