// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockNames;
import io.holdfast.spi.DurationFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of COMMAND and of the lock, from the grant to the moment when the lock may be given back.
 *
 * <p>It has no thread, no clock and no process: it is told what happens and what time it is, and says when it wants to be called
 * again. Used by one thread. Times are monotonic nanoseconds.
 */
final class Supervision implements EventLoop.Ticker {
    /** Those that COMMAND left behind get so long to end by themselves: the last of a pipeline, writing what it has read. */
    private static final long GRACE_NANOS = Duration.ofMillis(250).toNanos();

    /** Who lives so long after KILL lives on. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    /** How often to look whether they have. */
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();

    /** From the KILL of a hold that is not renewed to its deadline. */
    private static final long SLACK_NANOS = Duration.ofMillis(100).toNanos();

    private final Terms terms;
    private final LockHandle hold;
    private final Job job;
    private final Report report;
    private final long granted;

    private Phase phase = Phase.RUNNING;
    private int status;
    private @Nullable End end;
    private boolean lost;
    private boolean killed;
    private long killedAt;
    private boolean survivorsTold;
    private long killAt;
    private long lookAt;
    private long graceUntil;

    /**
     * Begins when COMMAND was started.
     *
     * @param granted when the lock was granted
     */
    Supervision(Terms terms, LockHandle hold, Job job, Report report, long granted) {
        this.terms = terms;
        this.hold = hold;
        this.job = job;
        this.report = report;
        this.granted = granted;
    }

    private enum Phase {
        /** COMMAND runs. */
        RUNNING,
        /** COMMAND has ended, others of its session have not. */
        CLEARING,
        /** Nobody is left; the lock is kept for its least time. */
        STAYING,
        OVER
    }

    /** Why COMMAND was asked to end. */
    private enum End {
        LEASE,
        AT_MOST,
        ASKED,
        LEFT_BEHIND
    }

    /** COMMAND has ended. */
    void exited(int exitStatus, long now) {
        status = exitStatus;
        phase = Phase.CLEARING;
        graceUntil = now + GRACE_NANOS;
        lookAt = now;
        tick(now);
    }

    /** The tool got a signal. */
    void signalled(String signal, long now) {
        if (phase == Phase.STAYING && (signal.equals("INT") || signal.equals("TERM"))) {
            report.say(
                    Report.Weight.DETAIL,
                    "cut",
                    "told to stop: the lock is not kept any longer",
                    new Json().with("signal", signal));
            phase = Phase.OVER;
        } else if (phase == Phase.RUNNING || phase == Phase.CLEARING) {
            if (signal.equals("TERM") && end == null) {
                begin(End.ASKED, now);
            } else {
                job.signal(signal);
            }
        }
    }

    /** The hold is over, and somebody else may have the lock: no time is left for COMMAND to tidy up. */
    void lost(LockLoss loss, long now) {
        Json fields = new Json()
                .with("lock", loss.name())
                .withToken(loss.fencingToken())
                .with("reason", loss.reason());
        String what = "lock '" + LockNames.printable(loss.name()) + "' was lost: " + LockNames.printable(loss.reason());
        if (phase == Phase.STAYING) {
            report.say(Report.Weight.ERROR, "lost", what + "; the command had ended before", fields);
            phase = Phase.OVER;
        } else if (phase != Phase.OVER && !lost) {
            report.say(Report.Weight.ERROR, "lost", what + "; killing the command", fields);
            lost = true;
            kill(now);
        }
    }

    @Override
    public void tick(long now) {
        if (phase == Phase.RUNNING || phase == Phase.CLEARING) {
            watchLease(now);
            watchClock(now);
        }
        if (phase == Phase.RUNNING && killed) {
            tellOfSurvivors(now);
        }
        if (phase == Phase.CLEARING && now - lookAt >= 0) {
            look(now);
        }
        if (phase == Phase.STAYING && (now - granted >= terms.atLeast().toNanos() || lost)) {
            phase = Phase.OVER;
        }
    }

    private void watchLease(long now) {
        if (lost) {
            return;
        }
        if (!hold.isValid()) {
            lost(new LockLoss(hold.name(), hold.fencingToken(), "its deadline has passed"), now);
        } else if (terms.leased() && end != End.LEASE && remaining() <= termBefore()) {
            report.say(
                    Report.Weight.ERROR,
                    "overdue",
                    "lock '" + LockNames.printable(hold.name())
                            + "' could not be renewed; ending the command before the lease ends",
                    new Json().with("lock", hold.name()).with("remaining_ms", remaining() / 1_000_000));
            begin(End.LEASE, now);
        }
    }

    private void watchClock(long now) {
        if (phase == Phase.RUNNING
                && end == null
                && terms.atMost().isPresent()
                && now - granted >= terms.atMost().get().toNanos()) {
            report.say(
                    Report.Weight.NOTICE,
                    "timeout",
                    "the command ran for " + DurationFormat.show(terms.atMost().get())
                            + ", as long as it may; ending it",
                    new Json());
            begin(End.AT_MOST, now);
        }
        if (end != null && !killed && now - killAt >= 0) {
            report.say(Report.Weight.NOTICE, "kill", "the command did not end by TERM; killing it", new Json());
            kill(now);
        }
    }

    private void begin(End reason, long now) {
        if (end == null) {
            killAt = now + terms.killAfter().toNanos();
            // Once: many programs take a second TERM for an order to drop everything.
            job.terminate();
        }
        if (reason == End.LEASE) {
            // Also when TERM went out before, for another reason and with a later KILL in mind.
            killAt = Math.min(killAt - now, terms.killAfter().toNanos()) + now;
        }
        end = reason;
    }

    private void kill(long now) {
        if (!killed) {
            killedAt = now;
        }
        killed = true;
        lookAt = now;
        job.kill();
    }

    private void look(long now) {
        lookAt = now + LOOK_NANOS;
        if (!job.isAnybodyLeft()) {
            phase = Phase.STAYING;
        } else if (killed) {
            // Once more, for whoever was in the kernel's hands; while one of them lives the lock is not given up.
            job.kill();
            tellOfSurvivors(now);
        } else if (end == null && now - graceUntil >= 0) {
            report.say(
                    Report.Weight.NOTICE,
                    "leftover",
                    "the command ended but left processes behind; ending them",
                    new Json());
            begin(End.LEFT_BEHIND, now);
        }
    }

    /** Nobody is to believe that COMMAND is dead while it is not (rule TO-6). */
    private void tellOfSurvivors(long now) {
        if (!survivorsTold && now - killedAt >= PATIENCE_NANOS) {
            survivorsTold = true;
            report.say(
                    Report.Weight.ERROR,
                    "unkillable",
                    "the command, or what it started, cannot be killed: another user's process, or one that hangs in"
                            + " the kernel; holdfast waits for its end"
                            + (lost ? ", and another may hold the lock meanwhile" : " and renews the lock until then"),
                    new Json().with("lock", hold.name()));
        }
    }

    private long remaining() {
        Duration left = hold.remainingLease();
        return left.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : left.toNanos();
    }

    private long termBefore() {
        return terms.killAfter().toNanos()
                + Math.min(SLACK_NANOS, terms.killAfter().toNanos());
    }

    @Override
    public long nextNanos(long now) {
        long next = Duration.ofMinutes(1).toNanos();
        if (phase == Phase.STAYING) {
            return Math.min(next, granted + terms.atLeast().toNanos() - now);
        }
        if (terms.leased() && !lost) {
            next = Math.min(next, end == End.LEASE ? remaining() : remaining() - termBefore());
        }
        if (phase == Phase.RUNNING && end == null && terms.atMost().isPresent()) {
            next = Math.min(next, granted + terms.atMost().get().toNanos() - now);
        }
        if (end != null && !killed) {
            next = Math.min(next, killAt - now);
        }
        if (phase == Phase.CLEARING) {
            next = Math.min(next, lookAt - now);
        }
        if (phase == Phase.RUNNING && killed && !survivorsTold) {
            next = Math.min(next, killedAt + PATIENCE_NANOS - now);
        }
        return Math.max(0, next);
    }

    /** Whether the lock may be given back: COMMAND and all that it left have ended, and the least time has passed. */
    boolean isOver() {
        return phase == Phase.OVER;
    }

    /** What the tool ends with. */
    int exitCode() {
        if (lost || end == End.LEASE) {
            return ExitCode.LOST;
        }
        return end == End.AT_MOST ? ExitCode.TIMED_OUT : status;
    }
}
