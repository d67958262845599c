// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often an owner has entered its hold and not left it. Levels come and go without the name's mutex until they are sealed, by the
 * release of the last one or by the loss of the hold: from then on their number stands.
 */
final class Levels {
    /** Negative once it is sealed. */
    private final AtomicInteger count = new AtomicInteger(1);

    int count() {
        return Math.abs(count.get());
    }

    /** Adds a level. @return false when it is sealed, or there are as many as an {@code int} can count */
    boolean add() {
        while (true) {
            int now = count.get();
            if (now <= 0 || now == Integer.MAX_VALUE) {
                return false;
            }
            if (count.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Removes a level that is not the last. @return false when it was, or the levels are sealed */
    boolean removeInner() {
        while (true) {
            int now = count.get();
            if (now < 2) {
                return false;
            }
            if (count.compareAndSet(now, now - 1)) {
                return true;
            }
        }
    }

    /** Removes a level, or seals the last one. Under the mutex, so that nobody else seals. @return whether it was the last */
    boolean remove() {
        while (!removeInner()) {
            if (count.compareAndSet(1, -1) || count.get() < 0) {
                return true;
            } // else another thread of the owner has entered in between
        }
        return false;
    }

    /** Lets none come or go any more. @return how many there are */
    int seal() {
        while (true) {
            int now = count.get();
            if (now < 0 || count.compareAndSet(now, -now)) {
                return Math.abs(now);
            }
        }
    }
}
