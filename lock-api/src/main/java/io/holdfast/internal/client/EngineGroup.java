// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.GroupHandle;
import io.holdfast.LockGroup;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.name.Waiter.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several locks, taken in one order by everybody, so that no two groups wait for each other. */
final class EngineGroup implements LockGroup {
    private final Engine engine;
    private final Acquisition acquisition;
    private final List<String> names;

    EngineGroup(Engine engine, Acquisition acquisition, Collection<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a group of locks needs at least one name");
        }
        this.engine = engine;
        this.acquisition = acquisition;
        this.names = names.stream()
                .map(LockNames::checked)
                .distinct()
                .sorted((a, b) ->
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public GroupHandle acquire() throws InterruptedException {
        return acquire(LockOptions.defaults());
    }

    @Override
    public GroupHandle acquire(LockOptions options) throws InterruptedException {
        Held held = take(options, Acquisition.patience(options, Patience.ENDLESS));
        if (held == null) {
            throw engine.failures()
                    .timeout(String.join(", ", names), options.waitLimit().orElse(Duration.ZERO));
        }
        return held;
    }

    @Override
    public Optional<GroupHandle> tryAcquire(Duration wait) throws InterruptedException {
        LockOptions options = LockOptions.defaults().waitLimit(wait);
        return Optional.ofNullable(take(options, Acquisition.patience(options, Patience.NONE)));
    }

    /** All or none: whatever ends the way, what was taken is released first. */
    private @Nullable Held take(LockOptions options, Patience patience) throws InterruptedException {
        List<LockHandle> taken = new ArrayList<>(names.size());
        long began = engine.clock().nanoTime();
        long budget = options.waitLimit().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
        boolean complete = false;
        try {
            for (String name : names) {
                LockOptions left = options;
                if (patience == Patience.LIMITED) {
                    long spent = engine.clock().nanoTime() - began;
                    left = options.waitLimit(Duration.ofNanos(Math.max(1, budget - spent)));
                }
                LockHandle handle = acquisition.handle(name, left, patience);
                if (handle == null) {
                    return null;
                }
                taken.add(handle);
            }
            Held held = new Held(List.copyOf(taken));
            refuseIfLost(taken);
            complete = true;
            return held;
        } finally {
            if (!complete) {
                new Held(taken).release();
            }
        }
    }

    /** One may be lost while another is waited for: a group is held as a whole or not at all (rule MU-1). */
    private void refuseIfLost(List<LockHandle> taken) {
        for (LockHandle handle : taken) {
            if (!handle.isValid()) {
                throw engine.failures()
                        .lost(new LockLoss(
                                handle.name(),
                                handle.fencingToken(),
                                "it ended while the other locks of its group were waited for; nothing is held"));
            }
        }
    }

    private static final class Held implements GroupHandle {
        private final List<LockHandle> handles;

        Held(List<LockHandle> handles) {
            this.handles = handles;
        }

        @Override
        public List<LockHandle> handles() {
            return handles;
        }

        @Override
        public long fencingToken(String name) {
            return handles.stream()
                    .filter(h -> h.name().equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("the group has no lock '" + LockNames.printable(name) + "'"))
                    .fencingToken();
        }

        @Override
        public boolean isValid() {
            boolean all = true;
            for (LockHandle handle : handles) {
                all &= handle.isValid(); // each is asked, so that of each that is lost it is told
            }
            return all;
        }

        @Override
        public Duration remainingLease() {
            return handles.stream()
                    .map(LockHandle::remainingLease)
                    .min(Duration::compareTo)
                    .orElse(Duration.ZERO);
        }

        @Override
        public void onLost(Consumer<LockLoss> action) {
            handles.forEach(h -> h.onLost(action));
        }

        @Override
        public ReleaseOutcome release() {
            ReleaseOutcome all = ReleaseOutcome.RELEASED;
            for (int i = handles.size() - 1; i >= 0; i--) {
                all = worse(all, handles.get(i).release());
            }
            return all;
        }

        @Override
        public CompletionStage<ReleaseOutcome> releaseAsync() {
            CompletionStage<ReleaseOutcome> all = CompletableFuture.completedFuture(ReleaseOutcome.RELEASED);
            for (int i = handles.size() - 1; i >= 0; i--) {
                all = all.thenCombine(handles.get(i).releaseAsync(), Held::worse);
            }
            return all;
        }

        private static ReleaseOutcome worse(ReleaseOutcome all, ReleaseOutcome one) {
            return one == ReleaseOutcome.UNKNOWN || all == ReleaseOutcome.RELEASED ? one : all;
        }

        @Override
        public void close() {
            LockLostException lost = null;
            for (int i = handles.size() - 1; i >= 0; i--) {
                try {
                    handles.get(i).close();
                } catch (LockLostException e) {
                    if (lost == null) {
                        lost = e;
                    } else {
                        lost.addSuppressed(e);
                    }
                }
            }
            if (lost != null) {
                throw lost;
            }
        }
    }
}
