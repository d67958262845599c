// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;

/** Broken lines: mistakes about what somebody else has removed. */
final class GoneDefects {
    private GoneDefects() {}

    static List<Defect> all() {
        return List.of(
                Defect.of(
                        "a waiter whose place is gone takes its predecessor's end for its turn",
                        Places.broken(GonePlaces::lookAtWhoIsBeforeAlone),
                        "Gone",
                        "beside the one whose turn it was",
                        "ME-1"),
                Defect.of(
                        "a place that is gone waits for ever",
                        Places.broken(GonePlaces::missNoPlace),
                        "Gone",
                        "it waits for ever",
                        "LO-5"),
                Defect.of(
                        "a renewal looks at the first hundred holds of a client",
                        Places.broken(GonePlaces::lookAtTheFirstHundred),
                        "Gone",
                        "holds of a client number 150",
                        "LO-5"),
                Defect.of(
                        "who gives its grant up is the next one but one",
                        Places.broken(PlaceFaults::letWhoGivesUpBeNext),
                        "Gone",
                        "holds before the second of them",
                        "OR-1"),
                Defect.of(
                        "a line has room for thirty-two",
                        Places.broken(PlaceFaults::haveRoomForAPage),
                        "Line",
                        "ended with",
                        "OR-1"),
                Defect.of(
                        "a grant given up for a place is whatever heads the line",
                        Places.broken(GonePlaces::giveUpTheHead),
                        "Gone",
                        "giving up a grant that was gone",
                        "UO-3"),
                Defect.of(
                        "a release after the close is never answered",
                        Fault.ofSessions(Closed::answersNoRelease),
                        "Gone",
                        "a release after close()",
                        "SP-3"),
                Defect.of(
                        "a renewal after the close says that all is held",
                        Fault.ofSessions(Closed::holdsWhatItHeld),
                        "Gone",
                        "a session was closed, and a renewal says",
                        "LO-5"));
    }
}
