// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.Optional;

/**
 * How long COMMAND may run and the lock is kept.
 *
 * @param atLeast how long the lock is kept, even after COMMAND; zero for not longer than COMMAND
 * @param atMost how long COMMAND may run
 * @param killAfter from TERM to KILL
 * @param leased whether the hold has a deadline that renewal moves
 */
record Terms(Duration atLeast, Optional<Duration> atMost, Duration killAfter, boolean leased) {
    private static final Duration KILL_AFTER = Duration.ofSeconds(5);

    /** KILL falls before the lease ends, and TERM not before a renewal is overdue. */
    private static final int KILL_AFTER_PART_OF_LEASE = 4;

    /**
     * The terms of a plan in a store.
     *
     * @throws ToolException when the time from TERM to KILL does not fit in the lease
     */
    static Terms of(RunPlan plan, LockClient client) {
        boolean leased = client.capabilities().scope() != LeaseScope.NONE;
        if (!leased) {
            return new Terms(plan.atLeast(), plan.atMost(), plan.killAfter().orElse(KILL_AFTER), false);
        }
        Duration most = client.lease().dividedBy(KILL_AFTER_PART_OF_LEASE);
        Duration killAfter = plan.killAfter().orElse(KILL_AFTER.compareTo(most) < 0 ? KILL_AFTER : most);
        if (killAfter.compareTo(most) > 0) {
            throw new ToolException(
                    ExitCode.CONFIG,
                    "--kill-after " + DurationFormat.show(killAfter) + " is above a quarter of the lease of "
                            + DurationFormat.show(client.lease()) + "; give at most " + DurationFormat.show(most)
                            + ", so that KILL falls before the lease ends, or a longer --lease");
        }
        return new Terms(plan.atLeast(), plan.atMost(), killAfter, true);
    }
}
