// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import org.junit.jupiter.api.Test;

/** A name that is not in use leaves nothing, in the client and in the store (rules LK-1, LK-2). */
class IdleNamesTest {
    private static final int NAMES = 1_000_000;

    @Test
    void lk1_a_million_names_used_once_leave_nothing() {
        try (LockClient client = LockClient.open(LockConfig.of("memory:idle-names"))) {
            use(client, 0, NAMES / 10); // what is loaded and cached at all is there after these
            long before = usedHeap();
            use(client, NAMES / 10, NAMES);
            long grown = usedHeap() - before;
            assertThat(client.metrics().names()).isZero();
            assertThat(client.list()).isEmpty();
            // A single object per name would be 14 MB.
            assertThat(grown).as("bytes of heap after %s names", NAMES).isLessThan(4_000_000);
        }
    }

    private static void use(LockClient client, int from, int to) {
        for (int i = from; i < to; i++) {
            var lock = client.lock("name-" + i);
            lock.lock();
            try {
                assert lock.isHeldByCurrentThread();
            } finally {
                lock.unlock();
            }
        }
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Runtime r = Runtime.getRuntime();
            least = Math.min(least, r.totalMemory() - r.freeMemory());
        }
        return least;
    }
}
