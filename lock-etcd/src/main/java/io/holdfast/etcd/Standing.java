// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Grant;
import org.jspecify.annotations.Nullable;

/** How a contender stands: its request, its key, its grant, and who still wants them. Thread-safe; calls nobody. */
final class Standing {
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private boolean sessionLeft;
    private long created;
    private long comparedWith;
    private @Nullable Place place;
    private @Nullable Grant grant;

    private enum Stage {
        /** Its request is on the way. */
        ASKED,
        WAITING,
        HOLDING,
        /** Its request may have been carried out, or may still be. */
        UNKNOWN,
        /** It is not in the store, and no request of it is on the way. */
        OVER
    }

    /** The request is about to be sent, and counts only while the session's key has this revision. */
    synchronized void sending(long sessionRevision) {
        comparedWith = sessionRevision;
    }

    /** The key was put. */
    synchronized void entered(long revision) {
        created = revision;
    }

    /** The request failed. @return whether nothing of it is there or will be: it was refused, or never sent */
    synchronized boolean failed(LockException why) {
        boolean asked = stage == Stage.ASKED;
        if (asked) {
            stage = Stage.UNKNOWN;
        }
        return asked && created == 0 && (why instanceof LockUnavailableException || why instanceof LockDeniedException);
    }

    /** It stands behind another one. @return whether it does, and waits on; false when it holds, is over or not wanted */
    synchronized boolean waits(Place at) {
        if (stage == Stage.OVER || stage == Stage.HOLDING) {
            return false;
        }
        stage = Stage.WAITING;
        place = at;
        return !givenUp;
    }

    /** It is first. @return whether it is its first grant, and wanted; false, too, when it is over */
    synchronized boolean holds(Grant first) {
        if (stage == Stage.OVER) {
            return false;
        }
        stage = Stage.HOLDING;
        place = null;
        boolean wanted = grant == null && !givenUp;
        if (grant == null) {
            grant = first;
        }
        return wanted;
    }

    /** It is not in the store any more. @return whether that is new */
    synchronized boolean ends() {
        boolean news = stage != Stage.OVER;
        stage = Stage.OVER;
        return news;
    }

    synchronized void giveUp() {
        givenUp = true;
    }

    /** Its session ends in this process. @return whether its request has been answered */
    synchronized boolean leaveSession() {
        sessionLeft = true;
        return stage != Stage.ASKED;
    }

    synchronized boolean hasLeftSession() {
        return sessionLeft;
    }

    synchronized boolean isWaiting() {
        return !givenUp && !sessionLeft && stage == Stage.WAITING;
    }

    /** Whether a renewal can say something of it: its own request must not be overtaken. */
    synchronized boolean canBeSeen() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    synchronized @Nullable Place place() {
        return place;
    }

    synchronized @Nullable Grant grant() {
        return grant;
    }

    /** The create revision of its key; 0 when it is not known that it has one. */
    synchronized long created() {
        return created;
    }

    /** The revision of the session's key that its request was bound to. */
    synchronized long comparedWith() {
        return comparedWith;
    }
}
