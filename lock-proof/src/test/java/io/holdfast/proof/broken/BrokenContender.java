// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.concurrent.CompletionStage;

/** A sound contender in which one thing is done wrong. */
class BrokenContender implements Contender {
    private final Contender sound;

    BrokenContender(Contender sound) {
        this.sound = sound;
    }

    Contender sound() {
        return sound;
    }

    @Override
    public LockRequest request() {
        return sound.request();
    }

    @Override
    public void start() {
        sound.start();
    }

    @Override
    public CompletionStage<Answer> answered() {
        return sound.answered();
    }

    @Override
    public CompletionStage<Grant> granted() {
        return sound.granted();
    }

    @Override
    public CompletionStage<Boolean> released() {
        return sound.released();
    }

    @Override
    public CompletionStage<Void> withdraw() {
        return sound.withdraw();
    }
}
