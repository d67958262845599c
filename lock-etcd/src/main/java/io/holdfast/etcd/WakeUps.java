// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.holdfast.spi.LockRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The watches that all sessions on a jetcd client and prefix share: one for each name somebody waits for, up to {@code
 * watch-streams}, and one more over the whole prefix for the other names.
 *
 * <p>A deletion wakes the contender that stood behind it, and nobody else, however many wait. A watch stays for a while after its
 * last contender, because a name with one waiter soon has another. Thread-safe.
 */
final class WakeUps {
    private static final Map<Key, WakeUps> SHARED = new ConcurrentHashMap<>();

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Key key;
    private final Watch client;
    private final EtcdSettings settings;
    private final LockRuntime runtime;

    // Guarded by this.
    private final Map<String, WatchStream> byLine = new HashMap<>();
    private final Map<EtcdContender, WatchStream> places = new HashMap<>();
    private @Nullable WatchStream forTheRest;
    private boolean sweeping;
    private boolean ended;

    /** Guarded by the map's lock on this key. */
    private int users;

    private record Key(IdentityOf client, IdentityOf scheduler, EtcdSettings settings) {}

    /** Two clients, or two schedulers, are one only when they are the same object. */
    private record IdentityOf(Object object) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof IdentityOf that && object == that.object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }
    }

    private WakeUps(Key key, Client client, EtcdSettings settings, LockRuntime runtime) {
        this.key = key;
        this.client = client.getWatchClient();
        this.settings = settings;
        this.runtime = runtime;
    }

    /** Joins the watches of a client; {@link #leave} gives them back. */
    static WakeUps join(Client client, EtcdSettings settings, LockRuntime runtime) {
        // Each lock client has a runtime of its own; those that mean the same threads have the same scheduler.
        Key wanted = new Key(new IdentityOf(client), new IdentityOf(runtime.scheduler()), settings);
        return SHARED.compute(wanted, (k, known) -> {
            WakeUps w = known == null ? new WakeUps(k, client, settings, runtime) : known;
            w.users++;
            return w;
        });
    }

    /** Gives the watches back; with their last user they end. */
    void leave() {
        boolean[] last = new boolean[1];
        SHARED.computeIfPresent(key, (k, known) -> {
            users--;
            last[0] = users == 0;
            return last[0] ? null : known;
        });
        if (last[0]) {
            end();
        }
    }

    private void end() {
        List<WatchStream> all;
        synchronized (this) {
            ended = true;
            all = new ArrayList<>(byLine.values());
            if (forTheRest != null) {
                all.add(forTheRest);
            }
            byLine.clear();
            places.clear();
        }
        all.forEach(WatchStream::close);
    }

    /** Makes a contender look when the one before it leaves, or when it cannot be told whether it did. */
    void await(EtcdContender contender, Place place) {
        List<WatchStream> surplus = new ArrayList<>();
        WatchStream made = null;
        WatchStream stream;
        boolean mustLook;
        synchronized (this) {
            if (ended) {
                return;
            }
            stream = places.get(contender);
            if (stream == null) {
                stream = byLine.get(contender.key().line());
            }
            if (stream == null) {
                stream = hasRoom(surplus) ? null : forTheRest;
            }
            if (stream == null) {
                stream = made = make(contender.key().line());
            }
            places.put(contender, stream);
            mustLook = stream.put(contender, place);
        }
        surplus.forEach(WatchStream::close);
        if (made != null) {
            made.open();
        } else {
            stream.wake();
        }
        if (mustLook) {
            contender.look();
        }
    }

    /** A contender that waits was renewed: its watch may have found no thread to be opened anew by. */
    void renewed(EtcdContender contender) {
        WatchStream stream;
        synchronized (this) {
            stream = places.get(contender);
        }
        if (stream != null) {
            stream.wake();
        }
    }

    /** Guarded by this: whether one more name can have a watch, if need be that of a name nobody waits for. */
    private boolean hasRoom(List<WatchStream> surplus) {
        if (byLine.size() < settings.watchStreams()) {
            return true;
        }
        surplus.addAll(takeIdle(1));
        return byLine.size() < settings.watchStreams();
    }

    /** Guarded by this. */
    private WatchStream make(String line) {
        boolean own = byLine.size() < settings.watchStreams();
        String range = own ? line : new LockKeys(settings.prefix()).everything();
        WatchStream made = new WatchStream(client, range, runtime, settings.operationTimeout());
        if (own) {
            byLine.put(line, made);
        } else {
            forTheRest = made;
        }
        return made;
    }

    void forget(EtcdContender contender) {
        boolean sweep = false;
        synchronized (this) {
            WatchStream stream = places.remove(contender);
            if (stream == null) {
                return;
            }
            stream.remove(contender);
            if (stream.isIdle() && !sweeping && !ended) {
                sweep = true;
                sweeping = true;
            }
        }
        if (sweep) {
            try {
                runtime.scheduler().schedule(this::sweep, LINGER_NANOS);
            } catch (RuntimeException
                    | Error refused) { // a scheduler that was closed: the next one that leaves asks again
                synchronized (this) {
                    sweeping = false;
                }
            }
        }
    }

    private void sweep() {
        List<WatchStream> idle;
        synchronized (this) {
            sweeping = false;
            idle = takeIdle(Integer.MAX_VALUE);
            if (forTheRest != null && forTheRest.isIdle()) {
                idle.add(forTheRest);
                forTheRest = null;
            }
        }
        idle.forEach(WatchStream::close);
    }

    /** Guarded by this. */
    private List<WatchStream> takeIdle(int atMost) {
        List<WatchStream> taken = new ArrayList<>();
        Iterator<WatchStream> all = byLine.values().iterator();
        while (all.hasNext() && taken.size() < atMost) {
            WatchStream one = all.next();
            if (one.isIdle()) {
                taken.add(one);
                all.remove();
            }
        }
        return taken;
    }
}
