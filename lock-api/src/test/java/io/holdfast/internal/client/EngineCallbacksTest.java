// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.LockOptions;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The shared runtime's threads under code of users that blocks (rule LI-2). */
class EngineCallbacksTest {
    /** More than any pool takes. */
    private static final int MANY = 1_030;

    private final List<EngineClient> clients = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ScriptedStore store =
            new ScriptedStore(new VirtualRuntime(), ScriptedStore.queueing(LeaseScope.NONE));

    private EngineClient open() {
        EngineSettings settings = new EngineSettings(
                Duration.ofSeconds(30),
                0,
                64,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                "test",
                SharedRuntime.acquire());
        store.answersAtOnce = true;
        EngineClient client = EngineClient.open(store, false, settings, settings.connectTimeout());
        clients.add(client);
        return client;
    }

    @AfterEach
    void close() {
        end.countDown();
        clients.forEach(EngineClient::close);
        Awaitility.await("CL-3: threads end")
                .atMost(Duration.ofMinutes(1))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(t -> t.getName().startsWith("holdfast-")));
    }

    private void block() {
        try {
            assertThat(end.await(2, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static LockHandle acquired(EngineClient client, String name) throws Exception {
        return client.acquireAsync(name, LockOptions.defaults())
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
    }

    @Test
    @DisplayName(
            "LI-2: 1,030 actions on loss that block stop neither other clients, nor completions, nor the opening of a client")
    void blockedActionsOnLossStopNothing() throws Exception {
        EngineClient one = open();
        EngineClient other = open();
        LockHandle hold = acquired(one, "a");
        AtomicInteger begun = new AtomicInteger();
        for (int i = 0; i < MANY; i++) {
            hold.onLost(loss -> {
                begun.incrementAndGet();
                block();
            });
        }
        hold.limit(Duration.ofNanos(1));
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> begun.get() >= 1_000);
        assertThat(acquired(other, "b").isValid()).isTrue();
        assertThat(acquired(one, "c").isValid()).isTrue();
        assertThat(acquired(open(), "d").isValid()).isTrue();
    }

    @Test
    @DisplayName("LI-2: continuations that block stop neither listeners nor other clients")
    void blockedContinuationsStopNothing() throws Exception {
        EngineClient one = open();
        AtomicInteger begun = new AtomicInteger();
        store.answersAtOnce = false;
        for (int i = 0; i < MANY; i++) {
            one.acquireAsync("n" + i).thenAccept(h -> {
                begun.incrementAndGet();
                block();
            });
        }
        store.answersAtOnce = true;
        store.session().places.forEach(ScriptedStore.Place::grant);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> begun.get() >= 1_000);
        CountDownLatch heard = new CountDownLatch(1);
        one.addListener(new LockListener() {
            @Override
            public void acquired(String name, long token) {
                heard.countDown();
            }
        });
        assertThat(one.tryAcquire("x")).isPresent();
        assertThat(heard.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(acquired(open(), "y").isValid()).isTrue();
    }
}
