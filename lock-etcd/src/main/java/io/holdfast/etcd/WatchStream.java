// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One watch on deletions under a prefix, for the contenders that wait there.
 *
 * <p>It is opened without a revision, because etcd serves a watch from a revision in rounds of 100 ms, and hears what is deleted
 * after the revision of its "created". So a contender whose place was read at an older revision looks again, one that was put in
 * when a newer event has passed looks again, and when the watch breaks, for whatever reason, it is opened anew and all of them
 * look again. Events are hints: what counts is what a look reads. No call leaves while its lock is held.
 *
 * <p>Where the client's threads refuse to open it anew, it sleeps until somebody waits by it or is renewed (rule SP-7).
 */
final class WatchStream {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final int LONGEST_PAUSE_SHIFT = 5;

    private final Watch client;
    private final String range;
    private final LockRuntime runtime;
    private final Duration patience;

    // Guarded by this.
    private final Map<EtcdContender, Place> waiting = new HashMap<>();
    private final Map<String, Set<EtcdContender>> byKey = new HashMap<>();
    private Watch.@Nullable Watcher watcher;
    private @Nullable Scheduled limit;
    private int generation;
    private int failures;
    private long heardUpTo;
    private boolean open;
    private boolean reopened;
    private boolean closed;
    private boolean asleep;

    WatchStream(Watch client, String range, LockRuntime runtime, Duration patience) {
        this.client = client;
        this.range = range;
        this.runtime = runtime;
        this.patience = patience;
    }

    // ---- the watch

    void open() {
        int mine;
        synchronized (this) {
            if (closed) {
                return;
            }
            mine = ++generation;
            asleep = false;
            try {
                limit = runtime.scheduler().schedule(() -> unlessOpen(mine), patience.toNanos());
            } catch (RuntimeException | Error refused) { // a scheduler that was closed
                reopened = true;
                asleep = true;
                return;
            }
        }
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withNoPut(true)
                .withCreateNotify(true)
                .withRequireLeader(true)
                .build();
        Watch.Watcher made;
        try {
            made = Borrowed.thread(() -> client.watch(LockKeys.bytes(range), option, new Listener(mine)));
        } catch (RuntimeException e) { // a client that was closed
            broken(mine);
            return;
        }
        synchronized (this) {
            if (!closed && mine == generation) {
                watcher = made;
                return;
            }
        }
        end(made);
    }

    private void unlessOpen(int mine) {
        boolean silent;
        synchronized (this) {
            silent = !open;
        }
        if (silent) {
            broken(mine);
        }
    }

    /** Ends this watch and has another one opened; never waits for the broken one. */
    private void broken(int mine) {
        Watch.Watcher old;
        long pause;
        synchronized (this) {
            if (closed || mine != generation) {
                return;
            }
            generation++;
            old = takeDown();
            reopened = true;
            pause = FIRST_PAUSE_MILLIS << Math.min(failures++, LONGEST_PAUSE_SHIFT);
        }
        if (old != null) {
            end(old);
        }
        try {
            runtime.scheduler().schedule(this::open, pause * 1_000_000L);
        } catch (RuntimeException | Error refused) {
            sleep(mine + 1);
        }
    }

    /** It has ended by itself, and nobody can be told but who comes next. */
    private synchronized void over(int mine) {
        if (!closed && mine == generation) {
            generation++;
            takeDown();
            reopened = true;
            asleep = true;
        }
    }

    private synchronized void sleep(int last) {
        if (!closed && last == generation) {
            asleep = true;
        }
    }

    /** Opens it when it sleeps: somebody needs it. */
    void wake() {
        synchronized (this) {
            if (!asleep || closed) {
                return;
            }
            asleep = false;
        }
        open();
    }

    void close() {
        Watch.Watcher old;
        synchronized (this) {
            closed = true;
            generation++;
            old = takeDown();
        }
        if (old != null) {
            end(old);
        }
    }

    private static void end(Watch.Watcher watcher) {
        Borrowed.thread(() -> {
            watcher.close();
            return true;
        });
    }

    /** Guarded by this. */
    private Watch.@Nullable Watcher takeDown() {
        Watch.Watcher old = watcher;
        watcher = null;
        open = false;
        if (limit != null) {
            limit.cancel();
            limit = null;
        }
        return old;
    }

    // ---- who waits

    /**
     * Takes a contender in, or notes its new place.
     *
     * @return whether it must look again, because something may have happened since its place was read
     */
    synchronized boolean put(EtcdContender contender, Place place) {
        remove(contender);
        waiting.put(contender, place);
        byKey.computeIfAbsent(contender.key().text(), k -> new HashSet<>()).add(contender);
        byKey.computeIfAbsent(place.before(), k -> new HashSet<>()).add(contender);
        return open && heardUpTo > place.revision();
    }

    synchronized void remove(EtcdContender contender) {
        Place place = waiting.remove(contender);
        if (place != null) {
            removeKey(contender.key().text(), contender);
            removeKey(place.before(), contender);
        }
    }

    private void removeKey(String key, EtcdContender contender) {
        byKey.computeIfPresent(key, (k, set) -> {
            set.remove(contender);
            return set.isEmpty() ? null : set;
        });
    }

    synchronized boolean isIdle() {
        return waiting.isEmpty();
    }

    // ---- what it hears

    private void created(int mine, long revision) {
        List<EtcdContender> late = new ArrayList<>();
        synchronized (this) {
            if (mine != generation) {
                return;
            }
            open = true;
            failures = 0;
            heardUpTo = revision;
            if (limit != null) {
                limit.cancel();
                limit = null;
            }
            waiting.forEach((contender, place) -> {
                if (reopened || place.revision() < revision) {
                    late.add(contender);
                }
            });
        }
        late.forEach(EtcdContender::look);
    }

    private void deleted(int mine, Collection<WatchEvent> events) {
        Set<EtcdContender> concerned = new HashSet<>();
        synchronized (this) {
            if (mine != generation) {
                return;
            }
            for (WatchEvent event : events) {
                heardUpTo = Math.max(heardUpTo, event.getKeyValue().getModRevision());
                Set<EtcdContender> these =
                        byKey.get(LockKeys.text(event.getKeyValue().getKey()));
                if (these != null) {
                    concerned.addAll(these);
                }
            }
        }
        concerned.forEach(EtcdContender::look);
    }

    /** jetcd calls some of these under a lock of its own: they end the watch on another thread. */
    private final class Listener implements Watch.Listener {
        private final int mine;

        Listener(int mine) {
            this.mine = mine;
        }

        @Override
        public void onNext(WatchResponse response) {
            if (response.isCreatedNotify()) {
                created(mine, response.getHeader().getRevision());
            } else {
                deleted(mine, response.getEvents());
            }
        }

        @Override
        public void onError(Throwable failure) {
            ended();
        }

        @Override
        public void onCompleted() {
            ended();
        }

        private void ended() {
            try {
                runtime.executor().execute(() -> broken(mine));
            } catch (RuntimeException | Error refused) {
                try {
                    runtime.scheduler().schedule(() -> broken(mine), 0);
                } catch (RuntimeException | Error refusedAgain) {
                    over(mine);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "watch on " + range;
    }
}
