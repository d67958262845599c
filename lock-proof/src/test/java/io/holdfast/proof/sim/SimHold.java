// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.internal.client.EngineHandle;

/** One hold by a worker, as the judges follow it. */
final class SimHold {
    final SimRequest request;
    final EngineHandle handle;
    final long token;
    final long beganAtLocal;
    /** It ends by itself some day: then its loss is no fault. */
    final boolean limited;

    boolean releaseAsked;
    boolean seenInvalid;
    /** The store has removed it by force, or has lost its data. */
    boolean forced;

    /** Nobody asks whether it is valid while its process is stopped. */
    final boolean askedRarely;

    int lossesTold;
    /** The name is kept until then after a release, by the client's clock; 0 for no minimum. */
    long minimumNanos;

    SimHold(SimRequest request, EngineHandle handle, boolean limited) {
        this.request = request;
        this.handle = handle;
        this.token = handle.fencingToken();
        this.beganAtLocal = request.client.node().nanoTime();
        this.limited = limited;
        this.askedRarely = (SimRandom.mix(token) & 1) == 0;
    }

    String name() {
        return request.name;
    }

    SimClient client() {
        return request.client;
    }

    long storeToken() {
        return token >> 8;
    }

    int handoff() {
        return (int) (token & 0xff);
    }

    boolean isEnded() {
        return releaseAsked || lossesTold > 0 || !request.isCurrent();
    }

    @Override
    public String toString() {
        return "hold of " + name() + " by " + client().node() + ", token " + token + " (store token " + storeToken()
                + ", hand-off " + handoff() + ")";
    }
}
