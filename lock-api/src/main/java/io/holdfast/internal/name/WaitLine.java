// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Counters;
import io.holdfast.internal.session.Outage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The waiters of one name in this client, in the order in which they came (rule OR-2). Guarded by the name's mutex. */
final class WaitLine {
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);
    private final NameHome home;
    private final Counters counters;

    WaitLine(NameHome home, Counters counters) {
        this.home = home;
        this.counters = counters;
    }

    void add(Waiter w) {
        waiters.add(w);
        counters.waiting.increment();
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    /** Whether somebody wants a place in the store's line; tries alone do not. */
    boolean wantsPlace() {
        for (Waiter w : waiters) {
            if (!w.isTry()) {
                return true;
            }
        }
        return false;
    }

    Waiter takeFirst() {
        counters.waiting.decrement();
        return waiters.removeFirst();
    }

    /** Takes out all that wait for one owner, in their order. */
    List<Waiter> takeAllOf(Owner owner) {
        List<Waiter> same = new ArrayList<>(0);
        waiters.removeIf(w -> {
            boolean taken = w.owner.equals(owner);
            if (taken) {
                counters.waiting.decrement();
                same.add(w);
            }
            return taken;
        });
        return same;
    }

    /** Takes a waiter out. @return false when it was settled before */
    boolean remove(Waiter w) {
        boolean was = !w.settled() && waiters.remove(w);
        if (was) {
            counters.waiting.decrement();
        }
        return was;
    }

    /** Somebody of this client holds: tries are busy. */
    void refuseTries() {
        settle(Waiter::isTry, w -> null);
    }

    /** Tries share one request. Refused are those that had begun when it was sent: it says nothing of the time after. */
    void refuseTriesSince(long sentAt) {
        settle(w -> w.isTry() && w.since - sentAt <= 0, w -> null);
    }

    /** As {@link #refuseTriesSince}, when what refused them may have been our own: they ask once more when that is gone. */
    void deferTriesSince(long sentAt) {
        for (Waiter w : waiters) {
            w.refusedByOwn |= w.isTry() && w.since - sentAt <= 0;
        }
    }

    /** Whether somebody has something to ask although there is still something of our own in the store. */
    boolean asksBesideOwn() {
        for (Waiter w : waiters) {
            if (!w.refusedByOwn) {
                return true;
            }
        }
        return false;
    }

    void failTries(RuntimeException why) {
        settle(Waiter::isTry, w -> why);
    }

    void failAll(RuntimeException why) {
        settle(w -> true, w -> why);
    }

    /** Ends waits without limit that an outage has lasted too long for. */
    void failOverdue(Outage outage, long now, Function<Waiter, RuntimeException> why) {
        settle(w -> w.isEndless() && outage.lasted(w.since, now), why);
    }

    /** Settles those that are meant: failed with an exception, refused where there is none. */
    private void settle(Predicate<Waiter> meant, Function<Waiter, @Nullable RuntimeException> why) {
        waiters.removeIf(w -> {
            if (!meant.test(w)) {
                return false;
            }
            counters.waiting.decrement();
            RuntimeException failure = why.apply(w);
            if (failure != null) {
                w.fail(failure, home);
            } else {
                w.settle(Waiter.State.REFUSED, home);
            }
            return true;
        });
    }
}
