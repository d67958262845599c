// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.GroupHandle;
import io.holdfast.LockGroup;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.Waiter.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several locks, taken in one order by everybody, so that no two groups wait for each other. */
final class EngineGroup implements LockGroup {
    private final EngineClient client;
    private final List<String> names;

    EngineGroup(EngineClient client, Collection<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a group of locks needs at least one name");
        }
        this.client = client;
        this.names = names.stream()
                .map(Names::checked)
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
            throw client.failures()
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
        long began = client.clock().nanoTime();
        long budget = options.waitLimit().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
        boolean complete = false;
        try {
            for (String name : names) {
                LockOptions left = options;
                if (patience == Patience.LIMITED) {
                    long spent = client.clock().nanoTime() - began;
                    left = options.waitLimit(Duration.ofNanos(Math.max(1, budget - spent)));
                }
                LockHandle handle = client.acquisition().handle(name, left, patience);
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
                throw client.failures()
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
                    .orElseThrow(
                            () -> new IllegalArgumentException("the group has no lock '" + Names.printable(name) + "'"))
                    .fencingToken();
        }

        @Override
        public boolean isValid() {
            return handles.stream().allMatch(LockHandle::isValid);
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
                ReleaseOutcome one = handles.get(i).release();
                if (one == ReleaseOutcome.UNKNOWN || all == ReleaseOutcome.RELEASED) {
                    all = one;
                }
            }
            return all;
        }

        @Override
        public void close() {
            release();
        }
    }
}
