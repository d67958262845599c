// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.internal.Names;

/**
 * What the guard says when it has killed COMMAND, when nobody can be asked any more; empty for nothing.
 *
 * @param toolGone because the tool was gone
 * @param leaseOver because the hold's deadline had passed
 */
record LastWords(String toolGone, String leaseOver) {
    static LastWords of(Report report, String lock) {
        Json fields = new Json().with("lock", lock);
        String quoted = "'" + Names.printable(lock) + "'";
        return new LastWords(
                report.later(
                        Report.Weight.NOTICE,
                        "orphaned",
                        "the process that held lock " + quoted + " was killed; its command is killed too",
                        fields),
                report.later(
                        Report.Weight.NOTICE,
                        "expired",
                        "the lease of lock " + quoted + " is over; the command is killed",
                        fields));
    }
}
