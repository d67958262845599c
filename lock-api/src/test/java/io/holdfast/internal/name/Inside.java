// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.spi.ContenderStatus;
import java.util.Objects;

/** For tests that do something while they have a name's mutex, so that everybody else waits for it. */
public final class Inside {
    private final NameState state;

    private Inside(NameState state) {
        this.state = state;
    }

    /** What is done under the mutex. */
    public interface Action {
        void run(Inside name);
    }

    /** Enters the mutex of a name. */
    public static void of(NameState state, Action action) {
        state.enter(() -> {
            action.run(new Inside(state));
            return true;
        });
    }

    /** A renewal tells of the contender in line, here and now. */
    public void renewed(ContenderStatus status, long sentAt) {
        state.renewal(Objects.requireNonNull(state.contention.place, "a contender"), status, sentAt);
    }
}
