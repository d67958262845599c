// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one {@code holdfast run} is to do.
 *
 * @param name the lock
 * @param command COMMAND and its arguments
 * @param environment COMMAND's, but for what it is told of the lock
 * @param waitLimit how long to wait for the lock; empty for as long as it takes, zero for not at all
 * @param atLeast how long to keep it
 * @param atMost how long COMMAND may run
 * @param killAfter from TERM to KILL; empty for the default
 * @param busyExitCode the exit code when somebody else has it
 */
record RunPlan(
        String name,
        List<String> command,
        Map<String, String> environment,
        Optional<Duration> waitLimit,
        Duration atLeast,
        Optional<Duration> atMost,
        Optional<Duration> killAfter,
        int busyExitCode) {
    /** COMMAND's environment under a hold. */
    Map<String, String> environmentUnder(LockClient client, LockHandle hold) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("HOLDFAST_LOCK", name);
        all.put("HOLDFAST_TOKEN", Long.toString(hold.fencingToken()));
        all.put("HOLDFAST_STORE", client.store());
        return all;
    }
}
