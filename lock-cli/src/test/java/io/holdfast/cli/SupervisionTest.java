// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What becomes of COMMAND and of the lock, on virtual time: no process, no thread, no waiting. */
class SupervisionTest {
    private static final Duration NONE = Duration.ZERO;

    private final FakeHold hold = new FakeHold();
    private final FakeJob job = new FakeJob();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Report report =
            new Report(new PrintStream(said, true, StandardCharsets.UTF_8), Report.Style.NORMAL, () -> Instant.EPOCH);

    /** Monotonic time may be negative, and passes zero here. */
    private long now = Duration.ofMillis(-700).toNanos();

    private Supervision supervision = begin(NONE, Optional.empty());

    @Test
    void commandsOwnExitCodeIsTheTools() {
        supervision.exited(3, now);

        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isEqualTo(3);
        assertThat(job.done).isEmpty();
    }

    @Test
    void aSignalGoesToTheGroupAndNothingElseFollows() {
        supervision.signalled("HUP", now);
        supervision.signalled("USR1", now);
        supervision.signalled("INT", now);
        pass(Duration.ofHours(1));

        assertThat(job.done).containsExactly("HUP", "USR1", "INT");
        assertThat(supervision.isOver()).isFalse();
    }

    @Test
    void termIsFollowedByKill() {
        supervision.signalled("TERM", now);
        pass(Duration.ofMillis(4999));
        assertThat(job.done).containsExactly("terminate");

        pass(Duration.ofMillis(1));
        assertThat(job.done).containsExactly("terminate", "kill");

        supervision.exited(137, now);
        assertThat(supervision.exitCode()).isEqualTo(137);
    }

    @Test
    void aSecondTermIsPassedOn() {
        supervision.signalled("TERM", now);
        supervision.signalled("TERM", now);
        supervision.signalled("INT", now);

        assertThat(job.done).containsExactly("terminate", "TERM", "INT");
    }

    @Test
    void aCommandThatEndsByTermIsNotKilled() {
        supervision.signalled("TERM", now);
        supervision.exited(143, now);

        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isEqualTo(143);
        assertThat(job.done).doesNotContain("kill");
    }

    @Test
    void atMostEndsCommandByTermThenByKill() {
        supervision = begin(NONE, Optional.of(Duration.ofSeconds(10)));
        pass(Duration.ofMillis(9999));
        assertThat(job.done).isEmpty();

        pass(Duration.ofMillis(1));
        assertThat(job.done).containsExactly("terminate");

        pass(Duration.ofSeconds(5));
        assertThat(job.done).containsExactly("terminate", "kill");
        supervision.exited(137, now);
        assertThat(supervision.exitCode()).isEqualTo(124);
    }

    @Test
    void atMostIsOverEvenWhenCommandEndsWell() {
        supervision = begin(NONE, Optional.of(Duration.ofSeconds(1)));
        pass(Duration.ofSeconds(1));
        supervision.exited(0, now);

        assertThat(supervision.exitCode()).isEqualTo(124);
    }

    @Test
    void aCommandThatEndsAtTheLastMomentHasNotTimedOut() {
        supervision = begin(NONE, Optional.of(Duration.ofSeconds(1)));
        now += Duration.ofSeconds(1).toNanos();
        supervision.exited(0, now);

        assertThat(supervision.exitCode()).isZero();
        assertThat(job.done).isEmpty();
    }

    @Test
    void atLeastKeepsTheLockAfterCommand() {
        supervision = begin(Duration.ofSeconds(2), Optional.empty());
        pass(Duration.ofMillis(50));
        supervision.exited(0, now);
        pass(Duration.ofMillis(1949));
        assertThat(supervision.isOver()).isFalse();

        pass(Duration.ofMillis(1));
        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isZero();
    }

    @Test
    void atLeastAddsNothingToALongerCommand() {
        supervision = begin(Duration.ofSeconds(2), Optional.empty());
        pass(Duration.ofSeconds(3));
        supervision.exited(0, now);

        assertThat(supervision.isOver()).isTrue();
    }

    @Test
    void intAndTermEndTheStay() {
        for (String signal : List.of("INT", "TERM")) {
            supervision = begin(Duration.ofHours(1), Optional.empty());
            supervision.exited(4, now);
            assertThat(supervision.isOver()).isFalse();

            supervision.signalled(signal, now);
            assertThat(supervision.isOver()).isTrue();
            assertThat(supervision.exitCode()).isEqualTo(4);
        }
    }

    @Test
    void otherSignalsDoNotEndTheStay() {
        supervision = begin(Duration.ofHours(1), Optional.empty());
        supervision.exited(0, now);
        List.of("HUP", "USR1", "USR2", "CONT").forEach(signal -> supervision.signalled(signal, now));

        assertThat(supervision.isOver()).isFalse();
        assertThat(job.done).isEmpty();
    }

    @Test
    void aLossKillsAtOnce() {
        supervision.lost(new LockLoss("name", 7, "released by force"), now);
        assertThat(job.done).containsExactly("kill");

        supervision.exited(137, now);
        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isEqualTo(79);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("released by force");
    }

    @Test
    void aLossIsToldOnceHoweverOftenItIsLearnt() {
        hold.valid = false;
        pass(Duration.ofMillis(1));
        supervision.lost(new LockLoss("name", 7, "its lease passed"), now);
        pass(Duration.ofSeconds(1));

        assertThat(said.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
        assertThat(job.done).containsExactly("kill");
    }

    @Test
    void aCommandThatEndsByItselfAfterTheLossIsALossAllTheSame() {
        hold.valid = false;
        supervision.exited(0, now);

        assertThat(supervision.exitCode()).isEqualTo(79);
    }

    @Test
    void aLossDuringTheStayEndsItWithCommandsCode() {
        supervision = begin(Duration.ofHours(1), Optional.empty());
        supervision.exited(0, now);
        supervision.lost(new LockLoss("name", 7, "released by force"), now);

        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isZero();
    }

    @Test
    void withoutRenewalTermAndKillFallBeforeTheLeaseEnds() {
        hold.deadline = now + Duration.ofSeconds(20).toNanos();
        supervision = leased(Duration.ofSeconds(5));
        pass(Duration.ofMillis(14_899));
        assertThat(job.done).isEmpty();

        pass(Duration.ofMillis(1));
        assertThat(job.done).containsExactly("terminate");

        pass(Duration.ofSeconds(5));
        assertThat(job.done).containsExactly("terminate", "kill");
        assertThat(hold.remainingLease()).isPositive();
        supervision.exited(137, now);
        assertThat(supervision.exitCode()).isEqualTo(79);
    }

    @Test
    void aRenewalMovesTheEnd() {
        hold.deadline = now + Duration.ofSeconds(20).toNanos();
        supervision = leased(Duration.ofSeconds(5));
        for (int round = 0; round < 100; round++) {
            pass(Duration.ofSeconds(10));
            hold.deadline = now + Duration.ofSeconds(20).toNanos();
        }

        assertThat(job.done).isEmpty();
    }

    @Test
    void theEndOfTheLeaseBringsAnEarlierKillForward() {
        hold.deadline = now + Duration.ofSeconds(7).toNanos();
        supervision = leased(Duration.ofSeconds(5));
        pass(Duration.ofSeconds(1));
        supervision.signalled("TERM", now);
        pass(Duration.ofSeconds(6));

        assertThat(job.done.subList(0, 2)).containsExactly("terminate", "kill");
        assertThat(job.killedAt).isLessThan(hold.deadline);
    }

    @Test
    void thoseLeftBehindGetAMomentThenTermThenKill() {
        job.left = true;
        supervision.exited(5, now);
        pass(Duration.ofMillis(249));
        assertThat(job.done).isEmpty();

        pass(Duration.ofMillis(30));
        assertThat(job.done).containsExactly("terminate");

        pass(Duration.ofSeconds(5));
        assertThat(job.done).contains("kill");
        assertThat(supervision.isOver()).isFalse();

        job.left = false;
        pass(Duration.ofMillis(20));
        assertThat(supervision.isOver()).isTrue();
        assertThat(supervision.exitCode()).isEqualTo(5);
    }

    @Test
    void theLastOfAPipelineIsNotDisturbed() {
        job.left = true;
        supervision.exited(0, now);
        pass(Duration.ofMillis(100));
        job.left = false;
        pass(Duration.ofMillis(20));

        assertThat(supervision.isOver()).isTrue();
        assertThat(job.done).isEmpty();
        assertThat(said.size()).isZero();
    }

    @Test
    void theLockIsKeptAsLongAsOneIsLeftThatCannotBeKilled() {
        job.left = true;
        supervision.lost(new LockLoss("name", 7, "released by force"), now);
        supervision.exited(137, now);
        pass(Duration.ofHours(1));

        assertThat(supervision.isOver()).isFalse();
    }

    private Supervision begin(Duration atLeast, Optional<Duration> atMost) {
        return new Supervision(new Terms(atLeast, atMost, Duration.ofSeconds(5), false), hold, job, report, now);
    }

    private Supervision leased(Duration killAfter) {
        return new Supervision(new Terms(NONE, Optional.empty(), killAfter, true), hold, job, report, now);
    }

    /** Lets time pass, and calls whenever the supervision has asked for it: not more often. */
    private void pass(Duration time) {
        long until = now + time.toNanos();
        while (true) {
            long next = Math.max(1, supervision.nextNanos(now));
            if (supervision.isOver() || next > until - now) {
                now = until;
                return;
            }
            now += next;
            supervision.tick(now);
        }
    }

    private final class FakeJob implements Job {
        private final List<String> done = new ArrayList<>();
        private boolean left;
        private long killedAt;

        @Override
        public void signal(String name) {
            done.add(name);
        }

        @Override
        public void terminate() {
            done.add("terminate");
        }

        @Override
        public void kill() {
            if (!done.contains("kill")) {
                done.add("kill");
                killedAt = now;
            }
        }

        @Override
        public boolean isAnybodyLeft() {
            return left;
        }
    }

    private final class FakeHold implements LockHandle {
        private boolean valid = true;
        private long deadline;

        @Override
        public String name() {
            return "name";
        }

        @Override
        public long fencingToken() {
            return 7;
        }

        @Override
        public boolean isValid() {
            return valid;
        }

        @Override
        public Duration remainingLease() {
            return Duration.ofNanos(Math.max(0, deadline - now));
        }

        @Override
        public void onLost(Consumer<LockLoss> action) {
            throw new AssertionError("the supervision is told of a loss");
        }

        @Override
        public ReleaseOutcome release() {
            throw new AssertionError("the supervision releases nothing");
        }

        @Override
        public CompletionStage<ReleaseOutcome> releaseAsync() {
            throw new AssertionError("the supervision releases nothing");
        }

        @Override
        public void limit(Duration maximum) {
            throw new AssertionError("the supervision limits nothing");
        }

        @Override
        public void close() {
            release();
        }
    }
}
