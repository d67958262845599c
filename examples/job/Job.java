// SPDX-License-Identifier: Apache-2.0

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One of several nodes that all have the same job to run once a period, each by its own clock, which is wrong by some.
 *
 * <p>Whoever comes first gets the lock, does the job in no time, and releases. Without a minimum hold the next node, whose clock
 * is behind, would find the lock free and do the job again. With one that is longer than the clocks differ it finds it busy.
 *
 * <p>Arguments: the node's name, by how many milliseconds its clock is wrong, the first period's start in milliseconds since
 * the epoch, how many periods, the file that the job writes to.
 */
public final class Job {
    private static final Duration PERIOD = Duration.ofSeconds(4);

    /** Above the difference of any two clocks (0.6 s) and what a node may be late; below the period less that difference. */
    private static final Duration MINIMUM_HOLD = Duration.ofMillis(2500);

    /** Who is later than this, for a pause of its process say, leaves the period to the others. */
    private static final Duration LATEST = Duration.ofMillis(1500);

    private Job() {}

    public static void main(String[] args) throws Exception {
        String node = args[0];
        long wrongBy = Long.parseLong(args[1]);
        long start = Long.parseLong(args[2]);
        Path ledger = Path.of(args[4]);
        try (LockClient client = LockClient.open()) {
            for (int period = 0; period < Integer.parseInt(args[3]); period++) {
                long due = start + period * PERIOD.toMillis();
                long late = sleepUntil(due, wrongBy);
                if (late > LATEST.toMillis()) {
                    System.out.println("job: node " + node + " is " + late + " ms late for period " + period + ", leaves it");
                    continue;
                }
                Optional<LockHandle> hold =
                        client.tryAcquire("job/report", LockOptions.defaults().minimumHold(MINIMUM_HOLD));
                if (hold.isPresent()) {
                    try (LockHandle held = hold.get()) {
                        String line = period + " " + node + " " + held.fencingToken() + "\n";
                        Files.writeString(ledger, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    }
                }
            }
        }
    }

    /** Sleeps until it is that late by the node's own clock; returns by how much it was later. */
    private static long sleepUntil(long due, long wrongBy) {
        long late;
        while ((late = System.currentTimeMillis() + wrongBy - due) < 0) {
            LockSupport.parkNanos(Duration.ofMillis(-late).toNanos());
        }
        return late;
    }
}
