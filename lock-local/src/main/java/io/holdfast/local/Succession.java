// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who comes next in the line of a name: past the dead, whose holds stay for the crash grace, and past waiters that are dead or
 * silent. Called under the directory's mutex.
 */
final class Succession {
    private final HostClock clock;
    private final long graceMillis;
    private final FileModes modes;
    private final SessionFiles sessions;
    private final Bell bell;
    private boolean met;

    /** How to tell a contender of the same {@link FileStore} that its turn may have come, without a file. */
    @FunctionalInterface
    interface Bell {
        /** Returns whether the session is one of the store's. */
        boolean ring(String session, long contender);
    }

    Succession(HostClock clock, Duration grace, FileModes modes, SessionFiles sessions, Bell bell) {
        this.clock = clock;
        this.graceMillis = grace.toMillis();
        this.modes = modes;
        this.sessions = sessions;
        this.bell = bell;
    }

    /** Whether something of a dead or silent session was removed since this was last asked. */
    boolean hasMet() {
        boolean had = met;
        met = false;
        return had;
    }

    /**
     * Whether the lock is there for whoever is at a place, or for a new contender. Who is in its way and alive is rung for: it
     * may have missed its turn.
     *
     * @param place the asker's own; null for one that has none
     */
    boolean isFree(FileLine line, @Nullable Mark place) throws IOException {
        if (isHeld(line)) {
            return false;
        }
        for (Mark first : line.places()) {
            if (first.equals(place)) {
                return true;
            }
            if (sessions.isAlive(first.session()) && !sessions.isSilent(first.session())) {
                if (!bell.ring(first.session(), first.contender())) {
                    sessions.ring(first.session(), first.contender());
                }
                return false;
            }
            line.remove(first);
            met = true;
        }
        return true;
    }

    /** Whether somebody holds, or held until its process died less than the crash grace ago. */
    private boolean isHeld(FileLine line) throws IOException {
        for (Mark holder = line.holder(); holder != null; holder = line.holder()) {
            boolean alive = sessions.isAlive(holder.session());
            if (alive || !isGraceOver(line, holder)) {
                forget(line, alive ? -1 : holder.number());
                return true;
            }
            line.remove(holder);
            met = true;
        }
        forget(line, -1);
        return false;
    }

    /** The grace begins with the first mark of this very holder; one from before a restart of the host begins anew. */
    private boolean isGraceOver(FileLine line, Mark holder) throws IOException {
        long now = clock.millis();
        long seen = -1;
        for (Mark mark : line.unclean()) {
            if (mark.number() == holder.number() && mark.millis() <= now) {
                seen = Math.max(seen, mark.millis());
            }
        }
        if (seen < 0) {
            try {
                modes.makeFile(line.file(Mark.unclean(holder.number(), now)));
            } catch (FileAlreadyExistsException e) {
                // another saw it at this very moment, though the mutex was ours: as good
            }
            seen = now;
        }
        return now - seen >= graceMillis;
    }

    /** Removes the unclean marks that say nothing any more: all but those of the holder with this token. */
    private static void forget(FileLine line, long token) throws IOException {
        for (Mark mark : line.unclean()) {
            if (mark.number() != token) {
                line.remove(mark);
            }
        }
    }
}
