// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;

/** Broken lines: mistakes about copies, wake-ups, ids that begin alike, and age. */
final class PlaceDefects {
    private PlaceDefects() {}

    static List<Defect> all() {
        return List.of(
                Defect.of(
                        "an undo marks nothing",
                        Places.broken(PlaceCopies::undoWithoutAMark),
                        "LineUndo",
                        "came after the entry's undo",
                        "UO-2"),
                Defect.of(
                        "an undo that finds nothing marks nothing",
                        Places.broken(PlaceCopies::undoNothingWithoutAMark),
                        "LineUndo",
                        "an entry came after its undo",
                        "UO-2"),
                Defect.of(
                        "a waiter that gave up is forgotten",
                        Places.broken(PlaceCopies::leaveAWaitWithoutAMark),
                        "Copies",
                        "a copy of a wait that was given up",
                        "UO-2"),
                Defect.of(
                        "a contender is forgotten with its release",
                        Places.broken(PlaceCopies::releaseWithoutAMark),
                        "Copies",
                        "after its grant had been released",
                        "UO-4"),
                Defect.of(
                        "a request that comes twice waits twice",
                        Places.broken(PlaceCopies::waitTwice),
                        "Copies",
                        "repeated while it waits",
                        "UO-4"),
                Defect.of(
                        "a release wakes the whole line",
                        Places.broken(PlaceHerds::wakeTheWholeLine),
                        "WakeUps",
                        "a release wakes",
                        "SP-4"),
                Defect.of(
                        "who leaves the line wakes all of it",
                        Places.broken(PlaceHerds::wakeAllWhenAWaiterLeaves),
                        "WakeUps",
                        "a withdrawal of who waited wakes",
                        "SP-4"),
                Defect.of(
                        "a forced release wakes the whole line",
                        Places.broken(PlaceHerds::wakeAllWhenForced),
                        "WakeUps",
                        "a forced release wakes",
                        "SP-4"),
                Defect.of(
                        "the end of a session wakes all who wait for anything",
                        Places.broken(PlaceHerds::wakeAllWhenASessionEnds),
                        "WakeUps",
                        "the end of a holder's session wakes",
                        "SP-4"),
                Defect.of(
                        "who comes wakes the whole line",
                        Places.broken(PlaceHerds::wakeAllWhenOneComes),
                        "WakeUps",
                        "a contender that comes",
                        "SP-4"),
                Defect.of(
                        "a release wakes who waits for other names",
                        Places.broken(PlaceHerds::wakeWhoWaitsForAnything),
                        "WakeUps",
                        "a release wakes",
                        "SP-4"),
                Defect.of(
                        "who leaves the line takes along whose number begins with its own",
                        Places.broken(PlaceIds::leaveByTheBeginning),
                        "Ids",
                        "instead of the later one",
                        "UO-2"),
                Defect.of(
                        "an undo goes by the beginning of a number",
                        Places.broken(PlaceIds::undoByTheBeginning),
                        "Ids",
                        "the undo of contender 1",
                        "UO-2"),
                Defect.of(
                                "the end of a session ends those whose id begins with its own",
                                Places.broken(PlaceIds::endByTheBeginning),
                                "Ids",
                                "touched another grant",
                                "CL-1")
                        .thatReachesOthers(),
                Defect.of(
                        "a try is refused while a name below its own has a line",
                        Places.broken(PlaceIds::refuseAboveALine),
                        "Beginnings",
                        "while names that begin with it are held",
                        "NA-2"),
                Defect.of(
                        "who has stood in line for three leases is taken for dead",
                        Places.broken(PlaceIds::endLongWaits),
                        "Housekeeping",
                        "a place in line was renewed late",
                        "OR-1"));
    }
}
