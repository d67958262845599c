// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The real engine on virtual time against a store whose answers the test gives. */
abstract class EngineTestBase {
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration VALID = Duration.ofMillis(29_700);

    final VirtualRuntime time = new VirtualRuntime();
    final List<String> heard = new CopyOnWriteArrayList<>();
    ScriptedStore store = new ScriptedStore(time, ScriptedStore.queueing(LeaseScope.SESSION));

    @Nullable
    EngineClient opened;

    EngineClient client() {
        EngineClient c = opened;
        if (c == null) {
            c = open(64);
        }
        return c;
    }

    EngineClient open(int handoffLimit) {
        return open(handoffLimit, 0);
    }

    EngineClient open(int handoffLimit, long tokenBase) {
        EngineSettings settings = new EngineSettings(
                LEASE,
                tokenBase,
                handoffLimit,
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "test",
                time);
        EngineClient c = EngineClient.openAsync(store, true, settings)
                .toCompletableFuture()
                .join();
        c.addListener(new Hearing());
        opened = c;
        return c;
    }

    void useStore(Capabilities capabilities) {
        store = new ScriptedStore(time, capabilities);
    }

    ScriptedStore.Session session() {
        return store.session();
    }

    /** Asks for a lock; the store has not answered yet. */
    CompletableFuture<LockHandle> ask(String name) {
        return ask(name, LockOptions.defaults());
    }

    CompletableFuture<LockHandle> ask(String name, LockOptions options) {
        CompletableFuture<LockHandle> f = client().acquireAsync(name, options).toCompletableFuture();
        time.settle();
        return f;
    }

    /** Holds a lock that nobody else wants. */
    LockHandle hold(String name) {
        return hold(name, LockOptions.defaults());
    }

    LockHandle hold(String name, LockOptions options) {
        CompletableFuture<LockHandle> f = ask(name, options);
        session().place().grant();
        return got(f);
    }

    LockHandle got(CompletableFuture<LockHandle> f) {
        time.settle();
        assertThat(f).isCompleted();
        return f.join();
    }

    CompletableFuture<ReleaseOutcome> release(LockHandle h) {
        CompletableFuture<ReleaseOutcome> f = ((EngineHandle) h).releaseAsync().toCompletableFuture();
        time.settle();
        return f;
    }

    private final class Hearing implements LockListener {
        @Override
        public void contended(String name) {
            heard.add("contended " + name);
        }

        @Override
        public void suspect(String name, long token) {
            heard.add("suspect " + name);
        }

        @Override
        public void safe(String name, long token) {
            heard.add("safe " + name);
        }

        @Override
        public void lost(LockLoss loss) {
            heard.add("lost " + loss.name());
        }

        @Override
        public void released(String name, long token, ReleaseOutcome outcome) {
            heard.add("released " + name + " " + outcome);
        }
    }
}
