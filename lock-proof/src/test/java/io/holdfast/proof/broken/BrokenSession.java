// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/** A sound session in which one thing is done wrong. */
class BrokenSession implements LockSession {
    private final LockSession sound;

    BrokenSession(LockSession sound) {
        this.sound = sound;
    }

    @Override
    public String id() {
        return sound.id();
    }

    @Override
    public Duration lease() {
        return sound.lease();
    }

    @Override
    public long basis() {
        return sound.basis();
    }

    @Override
    public Contender contend(LockRequest request) {
        return sound.contend(request);
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return sound.release(grant);
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
        return sound.renew(contenders);
    }

    @Override
    public CompletionStage<Void> close() {
        return sound.close();
    }
}
