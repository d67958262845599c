// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
@SuppressWarnings("LockNotBeforeTry") // levels are what is counted
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

    /** Re-entries and inner releases take no mutex: each that came before the loss is a level of it, and none comes after. */
    @Test
    void levels_that_come_and_go_while_the_hold_is_lost_are_told_of_each_once() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (LockClient client = LockClient.open("memory:" + getClass().getName())) {
            DistributedLock lock = client.lock("n").ownedBy(LockOwner.named("re-entering"));
            for (int round = 0; round < ROUNDS; round++) {
                lock.lock();
                Future<Integer> entered = other.submit(() -> reenterUntilLost(lock));
                lock.forceUnlock();
                int levels = 1 + entered.get(30, TimeUnit.SECONDS);
                for (int level = 0; level < levels; level++) {
                    assertThatThrownBy(lock::unlock)
                            .as("round %s, level %s of %s", round, level, levels)
                            .isInstanceOf(LockLostException.class);
                }
                assertThatThrownBy(lock::unlock)
                        .as("round %s, after %s levels", round, levels)
                        .isExactlyInstanceOf(IllegalMonitorStateException.class);
            }
        } finally {
            other.shutdownNow();
        }
    }

    /** Two levels more, one less, until told of the loss. @return of how many levels more than the first a release has to tell */
    private static int reenterUntilLost(DistributedLock lock) {
        int levels = 0;
        while (true) {
            try {
                lock.lock();
                levels++;
                lock.lock();
                levels++;
            } catch (LockLostException told) {
                return levels;
            }
            try {
                lock.unlock();
                levels--;
            } catch (LockLostException told) {
                return levels - 1; // it has told of one
            }
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
