// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockLostException;
import io.holdfast.LockOwner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule RE-5 at the very moment of the loss: who asks for the token has it, or has lost it; at no time it never held. */
class LossRaceTest {
    private static final int ROUNDS = 2_000;

    /** Each round's loss would be a warning. */
    private final Logger log = Logger.getLogger("io.holdfast");

    @BeforeEach
    void keepQuiet() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void speakAgain() {
        log.setLevel(null);
    }

    @Test
    void an_owner_that_asks_while_its_hold_is_lost_is_told_of_the_loss() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (LockClient client = LockClient.open("memory:" + getClass().getName())) {
            DistributedLock lock = client.lock("n").ownedBy(LockOwner.named("asker"));
            for (int round = 0; round < ROUNDS; round++) {
                lock.lock();
                Future<String> asked = other.submit(() -> askUntilLost(lock));
                lock.forceUnlock();
                assertThat(asked.get(30, TimeUnit.SECONDS))
                        .as("round %s", round)
                        .isEqualTo("lost");
                try {
                    lock.unlock();
                } catch (LockLostException told) {
                    continue;
                }
                throw new AssertionError("released what was lost, in round " + round);
            }
        } finally {
            other.shutdownNow();
        }
    }

    private static String askUntilLost(DistributedLock lock) {
        while (true) {
            try {
                lock.fencingToken();
            } catch (LockLostException lost) {
                return "lost";
            } catch (IllegalMonitorStateException never) {
                return "never held";
            }
        }
    }
}
