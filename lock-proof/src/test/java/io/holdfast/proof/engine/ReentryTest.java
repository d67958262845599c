// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockOwner;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Rule RE-3: an inner level costs nothing, in the store or here. */
@SuppressWarnings("LockNotBeforeTry") // levels are what is measured
class ReentryTest {
    private static final int TIMES = 10_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocatedBy(DistributedLock held) {
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < TIMES; i++) {
            held.lock();
            held.unlock();
        }
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }

    @Test
    void inner_levels_allocate_nothing() {
        try (LockClient client = LockClient.open("memory:" + getClass().getName())) {
            DistributedLock ofThread = client.lock("n");
            DistributedLock ofOwner = client.lock("m").ownedBy(LockOwner.named("owner"));
            ofThread.lock();
            ofOwner.lock();
            allocatedBy(ofThread); // loads what it needs
            allocatedBy(ofOwner);
            // What the JVM itself does on a thread now and then, such as
            // compiling, is some bytes; an object a level were 160,000.
            assertThat(allocatedBy(ofThread)).isLessThan(TIMES);
            assertThat(allocatedBy(ofOwner)).isLessThan(TIMES);
            ofThread.unlock();
            ofOwner.unlock();
        }
    }
}
