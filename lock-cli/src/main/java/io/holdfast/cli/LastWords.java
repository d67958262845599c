// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import java.util.List;

/**
 * What the guard says when it has killed COMMAND, when nobody can be asked any more; empty for nothing. In the last two it puts
 * the process ids of who could not be killed in the place of {@value #PIDS}.
 *
 * @param toolGone because the tool was gone
 * @param leaseOver because the hold's deadline had passed
 * @param toolGoneAlive because the tool was gone, and somebody of COMMAND's lives on
 * @param leaseOverAlive because the deadline had passed, and somebody lives on
 */
record LastWords(String toolGone, String leaseOver, String toolGoneAlive, String leaseOverAlive) {
    static final String PIDS = "@PIDS@";

    private static final String ALIVE =
            ", but it could not be killed and may run beside the next holder: another user's"
                    + " process, or one that hangs in the kernel: " + PIDS;

    static LastWords of(Report report, String lock) {
        Json fields = new Json().with("lock", lock);
        String quoted = "'" + LockNames.printable(lock) + "'";
        String gone = "the process that held lock " + quoted + " was killed";
        String over = "the lease of lock " + quoted + " is over";
        return new LastWords(
                report.later(Report.Weight.NOTICE, "orphaned", gone + "; its command is killed too", fields),
                report.later(Report.Weight.NOTICE, "expired", over + "; the command is killed", fields),
                report.later(
                        Report.Weight.ERROR, "orphaned", gone + "; its command was to be killed too" + ALIVE, fields),
                report.later(Report.Weight.ERROR, "expired", over + "; the command was to be killed" + ALIVE, fields));
    }

    /** In the order in which the guard's script takes them. */
    List<String> asArguments() {
        return List.of(toolGone, leaseOver, toolGoneAlive, leaseOverAlive);
    }
}
