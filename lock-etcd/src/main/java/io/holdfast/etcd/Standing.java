// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.spi.Grant;
import org.jspecify.annotations.Nullable;

/** How a contender stands: its request, its key, its grant, and who still wants them. Thread-safe; calls nobody. */
final class Standing {
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private boolean settled;
    private boolean sent;
    private boolean sessionLeft;
    private long created;
    private @Nullable Lane lane;
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

    /**
     * The request is about to be sent, by a lane.
     *
     * @return false when it was given up before it was ever sent, and is not to be
     */
    synchronized boolean sending(Lane taken) {
        if (givenUp && !sent) {
            return false;
        }
        sent = true;
        lane = taken;
        return true;
    }

    /** The key was put, and the lane written. */
    synchronized void entered(long revision) {
        created = revision;
        if (lane != null) {
            lane.advance(revision);
        }
    }

    /** The lane of a request that was sent and is not settled. */
    synchronized Lane lane() {
        if (lane == null) {
            throw new IllegalStateException("nothing of it is on the way");
        }
        return lane;
    }

    /** Takes its lane from it. @return the lane, once; null afterwards, and when it has none */
    synchronized @Nullable Lane leaveLane() {
        Lane left = lane;
        lane = null;
        return left;
    }

    /** The request failed. @return whether nothing of it is there or will be: it was refused, or never sent */
    synchronized boolean failed(Effect effect) {
        boolean asked = stage == Stage.ASKED;
        if (asked) {
            stage = Stage.UNKNOWN;
            settled = effect == Effect.SETTLED;
        }
        return asked && created == 0 && effect == Effect.NONE;
    }

    /** Whether etcd has looked at its request for the last time: what is not there will not come. */
    synchronized boolean isSettled() {
        return settled;
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

    /** Nobody wants it any more. @return whether its request has not been sent, and never will be */
    synchronized boolean giveUp() {
        givenUp = true;
        return !sent && stage == Stage.ASKED;
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
}
