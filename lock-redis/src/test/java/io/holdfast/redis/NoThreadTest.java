// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Rule SP-7: the machine has no thread left for a moment. */
class NoThreadTest {
    private static final String NONE = "unable to create native thread";

    private static Thread none(Runnable task) {
        return new Thread(task) {
            @Override
            public synchronized void start() {
                throw new OutOfMemoryError(NONE);
            }
        };
    }

    /** Else nobody would close Redisson, whose threads and connections would stay. */
    @Test
    @DisplayName("SP-7: what is to be done on a thread of its own is done without one")
    void withoutAThreadOfItsOwn() {
        assertThat(OwnRedisson.apart(Thread::currentThread, NoThreadTest::none)).isSameAs(Thread.currentThread());
    }

    @Test
    @DisplayName("SP-7: a subscription that got no thread has failed, and the next session makes another")
    void aSubscriptionWithoutAThread() throws Exception {
        ServerNode server = Servers.shared(StoreKind.REDIS_7).node(1);
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + server.endpoint());
        RedissonClient client = Redisson.create(config);
        String prefix = "no-thread-" + UUID.randomUUID();
        try {
            WakeUps first = WakeUps.join(client, prefix, task -> {
                throw new OutOfMemoryError(NONE);
            });
            assertThat(first.subscribed().toCompletableFuture()).isCompletedExceptionally();
            WakeUps second = WakeUps.join(client, prefix, Runnable::run);
            second.subscribed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            second.leave();
        } finally {
            client.shutdown();
        }
    }
}
