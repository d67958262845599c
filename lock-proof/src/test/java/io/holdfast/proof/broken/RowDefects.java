// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;

/** Broken tables: mistakes about ids and names that begin alike, and about age. */
final class RowDefects {
    private RowDefects() {}

    static List<Defect> all() {
        return List.of(
                Defect.of(
                        "attempts are found by their beginning",
                        Rows.broken(RowIds.beginAlike()),
                        "Ids",
                        "a late release of the earlier",
                        "LO-5",
                        "UO-3"),
                Defect.of(
                        "the column of an attempt cuts its id",
                        Rows.broken(RowIds.areCut()),
                        "Ids",
                        "and the later one is granted",
                        "ME-1"),
                Defect.of(
                        "attempts are found by their last digits",
                        Rows.broken(RowIds.endAlike()),
                        "Ids",
                        "a late release of the earlier",
                        "LO-5",
                        "UO-3"),
                Defect.of(
                        "a renewal goes by the beginning of an attempt",
                        Rows.broken(RowIds::renewWhatBeginsAlike),
                        "Ids",
                        "the later one holds, and a renewal says",
                        "LO-5"),
                Defect.of(
                        "a client is known by the beginning of its label",
                        Rows.broken(RowIds::takeWhoseLabelBeginsAlike),
                        "Close",
                        "two clients of one label",
                        "RE-6"),
                Defect.of(
                        "a client is known by a label that begins its own",
                        Rows.broken(RowIds::takeWhoseLabelIsItsBeginning),
                        "Close",
                        "two clients of one label",
                        "RE-6"),
                Defect.of(
                        "a lock is refused while another client has one below",
                        Rows.broken(RowTrees.refuseWhatHasHeldChildren("/")),
                        "Beginnings",
                        "while names that begin with it are held",
                        "NA-2"),
                Defect.of(
                        "a lock is refused while another client has one above",
                        Rows.broken(RowTrees.refuseBelowWhatIsHeld(".")),
                        "Beginnings",
                        "is answered BUSY",
                        "NA-2"),
                Defect.of(
                        "a release frees its client's locks below",
                        Rows.broken(RowTrees.releaseWhatIsBelow(":")),
                        "Beginnings",
                        "its release, and of the",
                        "NA-2"),
                Defect.of(
                        "a forced release frees what is below",
                        Rows.broken(RowTrees.forceWhatIsBelow("/")),
                        "Beginnings",
                        "its forced release, and of the",
                        "NA-2"),
                Defect.of(
                        "a renewal keeps what is below",
                        Rows.broken(RowTrees.renewWhatIsBelow(".")),
                        "Beginnings",
                        "renewals of names that begin alike keep",
                        "CR-1"),
                Defect.of(
                        "a renewal keeps what is above",
                        Rows.broken(RowTrees.renewWhatIsAbove("/")),
                        "Beginnings",
                        "renewals of names that begin alike keep",
                        "CR-1"),
                Defect.of(
                        "a free name is shown as what is below",
                        Rows.broken(RowTrees.lookBelow("/")),
                        "Beginnings",
                        "while names that begin with it are held",
                        "IN-2"),
                Defect.of(
                        "a sweep takes the numbers of who died",
                        Rows.broken(RowJanitors::sweepTheExpired),
                        "Housekeeping",
                        "whose holder died leases ago",
                        "FT-1"),
                Defect.of(
                        "a sweep goes by when a lock was taken",
                        Rows.broken(RowJanitors::sweepWhatWasTakenLongAgo),
                        "Housekeeping",
                        "another client's try is answered",
                        "KE-1"),
                Defect.of(
                        "an expired row is taken over with its number",
                        Rows.broken(RowJanitors::takeOverWithTheNumber),
                        "Crash",
                        "the next token is",
                        "FT-1"));
    }
}
