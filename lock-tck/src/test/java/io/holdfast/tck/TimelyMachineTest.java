// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.tck.internal.Pulse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A machine that stood still is told apart from a broken rule, and excuses nothing that it does not explain. */
class TimelyMachineTest {
    private static final Duration STOP = Duration.ofMillis(400);

    private final Kit kit = new Kit() {};

    /** Stops this very JVM (SIGSTOP) for a while. */
    private static void standStill() throws Exception {
        long pid = ProcessHandle.current().pid();
        Process other = new ProcessBuilder("sh", "-c", "kill -STOP " + pid + "; sleep 0.5; kill -CONT " + pid).start();
        assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(other.exitValue()).isZero();
    }

    @Test
    void aStopOfTheJvmIsSeen() throws Exception {
        try (Pulse pulse = new Pulse()) {
            standStill();
            assertThat(pulse.longestDelay()).isGreaterThan(STOP);
        }
    }

    @Test
    void whatIsSeenWhileTheMachineStoodStillIsNoVerdict() {
        assertThatThrownBy(() -> kit.onATimelyMachine(STOP, () -> {
                    standStill();
                    throw Kit.broken("LO-6", "the hold was suspect only after its deadline", null);
                }))
                .isInstanceOf(HarnessTrouble.class)
                .hasMessageStartingWith("the machine kept a thread waiting for ")
                .hasMessageContaining("the hold was suspect only after its deadline");
    }

    @Test
    void aDelayThatExplainsNothingExcusesNothing() {
        assertThatThrownBy(() -> kit.onATimelyMachine(Duration.ofMinutes(1), () -> {
                    standStill();
                    throw Kit.broken("LO-6", "seen", null);
                }))
                .isInstanceOf(RuleFailure.class)
                .hasMessageContaining("seen");
    }

    @Test
    void whatPassesOnASlowMachinePasses() throws Exception {
        kit.onATimelyMachine(STOP, TimelyMachineTest::standStill);
    }

    @Test
    void aRuleThatNoDelayBreaksIsNotExcused() {
        assertThatThrownBy(() -> kit.onATimelyMachine(STOP, Set.of("LO-6"), () -> {
                    standStill();
                    throw Kit.broken("LO-5", "seen", null);
                }))
                .isInstanceOf(RuleFailure.class)
                .hasMessageContaining("seen");
    }
}
