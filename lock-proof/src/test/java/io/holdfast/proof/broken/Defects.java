// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static io.holdfast.proof.broken.Fault.ofBackends;
import static io.holdfast.proof.broken.Fault.ofSessions;

import java.util.List;
import java.util.stream.Stream;

/** The broken backends. Each is a mistake that was seen in a published lock or store client. */
final class Defects {
    private Defects() {}

    static List<Defect> all() {
        return Stream.of(ofQueues(), TableDefects.all()).flatMap(List::stream).toList();
    }

    static List<Defect> ofQueues() {
        return Stream.of(
                        releases(),
                        undos(),
                        lines(),
                        GoneDefects.all(),
                        PlaceDefects.all(),
                        tokens(),
                        leases(),
                        names(),
                        clients(),
                        views(),
                        connections())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Defect> releases() {
        return List.of(
                Defect.of(
                        "a release deletes whoever holds",
                        ofBackends(Releases::ofStrangers),
                        "Undo",
                        "was released twice",
                        "UO-3"),
                Defect.of(
                        "a repeated release hits the client's next grant",
                        ofSessions(Releases::ofTheNameNotTheGrant),
                        "Undo",
                        "an old grant was released",
                        "UO-3"),
                Defect.of(
                        "a second release says that it has released",
                        ofSessions(Releases::alwaysSucceed),
                        "Undo",
                        "was released twice",
                        "UO-3"),
                Defect.of(
                        "a grant given up in the step of a contend is said to have been gone",
                        ofSessions(Releases::areDeniedInTheStepOfTheNextContend),
                        "Undo",
                        "the grant given up was not there",
                        "OR-3"),
                Defect.of(
                        "a repeated contend takes a second grant",
                        ofSessions(Renumbered::everyCopyCounts),
                        "Copies",
                        "a contend was repeated",
                        "UO-2",
                        "UO-4"),
                Defect.of(
                        "a contend that arrives after its withdrawal takes a place",
                        ofSessions(Renumbered::lateCopiesCount),
                        "Copies",
                        "a copy of a withdrawn contend came late",
                        "UO-2"));
    }

    private static List<Defect> undos() {
        return List.of(
                Defect.of(
                        "an undo removes whatever its session has of the name",
                        Places.broken(PlaceFaults::undoWhateverTheSessionHas),
                        "LineUndo",
                        "the undo of an earlier contender of the same session",
                        "UO-2"),
                Defect.of(
                        "a release wakes its own client first",
                        Places.broken(PlaceFaults::wakeTheirOwnFirst),
                        "LineUndo",
                        "its release gave the lock to itself",
                        "OR-1"),
                Defect.of(
                        "who leaves the line leaves by session and name",
                        Places.broken(PlaceFaults::leaveTheFirst),
                        "LineUndo",
                        "the withdrawal of a waiting contender of the same session",
                        "UO-2"),
                Defect.of(
                        "a renewal that failed counts as one",
                        Places.broken(PlaceFaults::countWhatFailed),
                        "Crash",
                        "failed, and the session's lease is counted from it",
                        "ME-4"),
                Defect.of(
                        "who gives up what is gone gets no place",
                        Places.broken(PlaceFaults::doBothOrNothing),
                        "LineUndo",
                        "the grant to be given up is not there",
                        "OR-3"),
                Defect.of(
                        "a repeated withdrawal frees the client's next grant",
                        ofSessions(Releases::byAnOldWithdrawal),
                        "Undo",
                        "a repeated withdrawal of an earlier contender",
                        "UO-2"));
    }

    private static List<Defect> lines() {
        return List.of(
                Defect.of(
                                "a try is granted while another holds",
                                ofSessions(Lines::grantTriesToo),
                                "MutualExclusion",
                                "while the first held it",
                                "ME-1")
                        .alsoBreaks(
                                "IN-3", "MU-1", "NA-1", "NA-2", "RE-2", "RE-4", "RE-6", "RE-7", "SP-3", "UO-1", "UO-3",
                                "WA-1", "WA-4"),
                Defect.of(
                        "a refused try stays in line",
                        ofSessions(Lines::keepRefusedTries),
                        "Waiting",
                        "refused tries left contenders",
                        "WA-4"),
                Defect.of(
                                "who leaves the line stays in it",
                                ofSessions(Lines::keepWhoLeaves),
                                "Waiting",
                                "waits were interrupted, and the store still shows",
                                "WA-5")
                        .alsoBreaks("UO-2", "WA-10"),
                Defect.of(
                                "one hand-over in a thousand is told to two",
                                OneInAThousand::new,
                                "History",
                                "was valid while",
                                "ME-1")
                        .perhapsBreaks("FT-1"),
                Defect.of("whoever came last is first", () -> new NewestFirst(1), "Order", "held in the order", "OR-1"),
                Defect.of(
                                "one newcomer in ten goes before the line",
                                () -> new NewestFirst(10),
                                "Line",
                                "a contender that came later holds first",
                                "OR-1")
                        .perhapsBreaks("CL-1"),
                Defect.of(
                        "places are in the order of their numbers as text",
                        () -> new MovedPlaces(MovedPlaces.By.NUMBERS_AS_TEXT),
                        "Line",
                        "was passed over",
                        "OR-1"),
                Defect.of(
                        "a renewal moves a place to the end of the line",
                        () -> new MovedPlaces(MovedPlaces.By.A_RENEWAL),
                        "Line",
                        "was passed over",
                        "OR-1"),
                Defect.of(
                        "a place in line ends with its first lease",
                        ofSessions(Ends::ofPlacesComeAlthoughTheyAreRenewed),
                        "Line",
                        "renews its place, and that is gone",
                        "OR-1"),
                Defect.of(
                        "the end of a waiter wakes the one behind it",
                        () -> new WrongTurns(WrongTurns.By.THE_END_OF_A_WAITER),
                        "Line",
                        "the end of a waiter's session gave the lock",
                        "ME-1"),
                Defect.of(
                        "a forced release wakes two",
                        () -> new WrongTurns(WrongTurns.By.A_FORCED_RELEASE),
                        "Line",
                        "a forced release gave the lock",
                        "ME-1"),
                Defect.of(
                        "the end of a holder wakes two",
                        () -> new WrongTurns(WrongTurns.By.THE_END_OF_A_HOLDER),
                        "Line",
                        "the end of a holder's session gave the lock",
                        "ME-1"),
                Defect.of(
                        "who has waited is kept alive by a watchdog",
                        ofSessions(Leases::areRenewedOnceTheyWaited),
                        "Line",
                        "a waiter behind a waiter that fell silent",
                        "CR-1"),
                Defect.of(
                        "a renewal does not look at who waits",
                        ofSessions(Lines::lookAtNobodyWhoWaits),
                        "Waiting",
                        "wake-up was lost",
                        "WA-7"),
                Defect.of(
                        "nobody hears that a holder has died",
                        Lines.WakeAfterReleasesOnly::new,
                        "Crash",
                        "had not come to an end",
                        "CR-1"));
    }

    private static List<Defect> tokens() {
        return List.of(
                Defect.of(
                        "every grant has the same token",
                        TokenFault.Constant::new,
                        "Fencing",
                        "after a hold with token",
                        "FT-1"),
                Defect.of(
                        "tokens begin at 1 when nobody is in line",
                        TokenFault.RestartsWhenFree::new,
                        "Fencing",
                        "after a hold with token",
                        "FT-1"),
                Defect.of(
                        "each client counts its own tokens",
                        TokenFault.PerClient::new,
                        "Fencing",
                        "after a hold with token",
                        "FT-1"),
                Defect.of(
                        "tokens lose their last digits in a script",
                        TokenFault.AsText::new,
                        "Fencing",
                        "after a hold with token",
                        "FT-1"),
                Defect.of(
                        "a token is drawn before the lock is taken",
                        TokenFault.DrawnBeforeTheLock::new,
                        "History",
                        "has the smaller token",
                        "FT-1"));
    }

    private static List<Defect> leases() {
        return List.of(
                Defect.of(
                                "a watchdog renews whatever the engine says",
                                ofSessions(Leases::areRenewedByAWatchdog),
                                "Crash",
                                "had not come to an end",
                                "CR-1")
                        .alsoBreaks("ME-2"),
                Defect.of(
                        "the store is asked for its own lease, which is longer",
                        ofBackends(Leases::areTheStoresOwn),
                        "Crash",
                        "had not come to an end",
                        "CR-1"),
                Defect.of(
                                "the lease is rounded down on its way to the store",
                                ofBackends(Leases::areShorterInTheStore),
                                "Crash",
                                "before its lease of",
                                "ME-1")
                        .perhapsBreaks("LO-6"),
                Defect.of(
                                "an acquisition counts as a renewal",
                                ofSessions(Leases::beginAtTheGrant),
                                "Basis",
                                "from its wake-up",
                                "ME-2")
                        .perhapsBreaks("ME-1"),
                Defect.of(
                        "a renewed lease counts from the reply",
                        ofSessions(Leases::beginAtTheReply),
                        "Basis",
                        "when its answer came",
                        "ME-2"),
                Defect.of(
                                "renewals never reach the store",
                                ofSessions(Leases::areRenewedInNameOnly),
                                "Kept",
                                "a hold of a living process ended",
                                "KE-1")
                        .alsoBreaks("UO-5")
                        .thatReachesOthers(),
                Defect.of(
                        "a renewal revives what has expired",
                        ofSessions(Leases::areRevived),
                        "Crash",
                        "says that it is held",
                        "ME-4"),
                Defect.of(
                                "a renewal asks a stale replica",
                                ofSessions(Leases::areLookedUpInAStaleReplica),
                                "Kept",
                                "a hold of a living process ended",
                                "KE-1",
                                "KE-2")
                        .alsoBreaks("FH-1", "LO-6", "ME-3", "ME-5", "UO-5", "WA-7"),
                Defect.of(
                        "an opened session counts from the reply",
                        ofSessions(Leases::beginAtTheReplyOfTheOpening),
                        "Basis",
                        "the opening of a session took",
                        "ME-2"),
                Defect.of(
                                "a renewal keeps the grants of all clients",
                                () -> new Prolonged(Prolonged.By.ANY_RENEWAL),
                                "Expiry",
                                "while a holder of another name and the waiter itself renew",
                                "CR-1")
                        .thatReachesOthers(),
                Defect.of(
                        "a late renewal prolongs the next holder's lease",
                        () -> new Prolonged(Prolonged.By.A_LATE_RENEWAL),
                        "Expiry",
                        "renewals of the holder before it kept its lock",
                        "CR-1"),
                Defect.of(
                        "a refused try restarts the holder's lease",
                        () -> new Prolonged(Prolonged.By.A_REFUSED_TRY),
                        "Expiry",
                        "tries, inspections and lists",
                        "CR-1"),
                Defect.of(
                        "an inspection restarts the holder's lease",
                        () -> new Prolonged(Prolonged.By.AN_INSPECTION),
                        "Expiry",
                        "tries, inspections and lists",
                        "CR-1",
                        "IN-2"),
                Defect.of(
                        "a takeover is slower than is declared",
                        ofBackends(Leases::endSoonerThanTheyDo),
                        "Expiry",
                        "is declared as",
                        "SP-6"));
    }

    private static List<Defect> names() {
        return List.of(
                Defect.of("capitals are small letters", NameFault.IgnoresCase::new, "Names", "is refused", "NA-2"),
                Defect.of("long names are cut", NameFault.CutsLongNames::new, "Names", "is refused", "NA-2"),
                Defect.of(
                        "a name walks out of its prefix",
                        NameFault.WalksOut::new,
                        "Names",
                        "another prefix",
                        "NA-3",
                        "IN-2"),
                Defect.of("emoji are refused", NameFault.RefusesEmoji::new, "Names", "invalid path", "NA-1")
                        .alsoBreaks("MU-1"),
                Defect.of(
                        "a name is locked by its hash of 32 bits",
                        NameFault.HashesTo32Bits::new,
                        "Names",
                        "the lock of the other name",
                        "NA-2"),
                Defect.of(
                        "nothing separates prefix and name",
                        NameFault.SeparatesNothing::new,
                        "SimilarNames",
                        "under the prefix",
                        "NA-3"),
                Defect.of(
                        "a list shows what begins with the prefix",
                        NameFault.ListsWhatBeginsAlike::new,
                        "SimilarNames",
                        "which only begins alike",
                        "NA-3"),
                Defect.of(
                        "a release wakes who waits for the beginning of its name",
                        WokenByOthers::new,
                        "SimilarNames",
                        "ended the wait for",
                        "NA-2"));
    }

    private static List<Defect> clients() {
        return List.of(
                Defect.of(
                        "a failed opening is remembered",
                        ofBackends(Openings::rememberTheirFailure),
                        "Opening",
                        "after the link was healed",
                        "OP-1"),
                Defect.of(
                        "a store that does not answer at open is said to refuse",
                        ofBackends(Openings::takeSilenceForARefusal),
                        "Opening",
                        "long before connect-timeout",
                        "OP-1"),
                Defect.of(
                                "closing a session ends nothing",
                                ofSessions(Sessions::areForgottenNotEnded),
                                "Contract",
                                "granted() after close",
                                "CL-1",
                                "SP-3")
                        .alsoBreaks("CL-4", "LO-4"),
                Defect.of(
                        "closing a session ends its neighbours",
                        ofBackends(Sessions::endTogether),
                        "Close",
                        "which should be free",
                        "CL-4"),
                Defect.of(
                        "closing a session ends those of the same label",
                        Sessions.EndWithTheirNamesakes::new,
                        "Close",
                        "of the same label",
                        "CL-1"),
                Defect.of(
                        "two clients on one connection are one owner",
                        ofBackends(Sessions::areOneOwner),
                        "Close",
                        "both hold",
                        "RE-6"),
                Defect.of(
                        "all sessions have one id",
                        ofSessions(OneForAnother::sessionsOfOneHost),
                        "Contract",
                        "have one id",
                        "RE-6"),
                Defect.of(
                        "a session's contenders are one owner",
                        ofSessions(OneForAnother::contendersOfOneSession),
                        "Contract",
                        "while another one of the same client holds",
                        "ME-1"),
                Defect.of(
                        "a renewal says of what was released that it is held",
                        ofSessions(OneForAnother::theReleasedForTheHeld),
                        "Contract",
                        "a grant was released, and a renewal says Holding",
                        "LO-5"),
                Defect.of(
                        "a lease ends by the time of day of whoever comes",
                        OneForAnother.TheTimeOfDayOfOthers::new,
                        "MutualExclusion",
                        "ahead of those of 0",
                        "ME-1"),
                Defect.of(
                        "a closed backend throws what its pool throws",
                        ofBackends(Ends::throwTheirOwn),
                        "Close",
                        "none of Holdfast's exceptions",
                        "ER-2"),
                Defect.of("a closed backend opens sessions", Ends.OpenAgain::new, "Close", "which nobody ends", "CL-1"),
                Defect.of(
                        "the end of one client ends the renewals of all",
                        ofBackends(Ends::stopTheRenewalsOfOthers),
                        "Close",
                        "another one's hold is not renewed",
                        "CL-4"),
                Defect.of(
                        "a thread is left",
                        Sessions.LeaveAThread::new,
                        "Inspect",
                        "poller-of-a-broken-backend",
                        "CL-3"),
                Defect.of("a key is left", Sessions.LeaveAKey::new, "Inspect", "token-of-", "LK-1"),
                Defect.of(
                        "an answer is delivered under a lock",
                        ofBackends(Stages::completeUnderALock),
                        "Contract",
                        "a release completes",
                        "SP-2"),
                Defect.of(
                        "a refused try is never told that it has no grant",
                        ofSessions(Stages::stayOpenAfterARefusal),
                        "Contract",
                        "granted() of a refused try",
                        "SP-3"),
                Defect.of(
                        "waits take all connections",
                        ofBackends(Stages::shareAFewConnections),
                        "Renewals",
                        "had not come to an end",
                        "KE-3"),
                Defect.of(
                        "a renewal of nothing fails",
                        ofSessions(Stages::failWithoutContenders),
                        "Contract",
                        "a renewal without contenders",
                        "SP-3"),
                Defect.of(
                        "the loss of one grant is told of the next one, too",
                        ofBackends(Losses::comeLateToo),
                        "Loss",
                        "taken for that of the next one",
                        "LO-3"),
                Defect.of(
                        "a contend outlives its session",
                        ofBackends(Sessions::areOutlivedByTheirContends),
                        "Close",
                        "which should be free",
                        "CL-1"),
                Defect.of(
                        "a session that was closed still contends",
                        ofBackends(Sessions::contendAfterTheirEnd),
                        "Contract",
                        "a contend of a session that was closed",
                        "CL-1"),
                Defect.of(
                        "every contender is kept",
                        ofSessions(Kept::everyContender),
                        "Leaks",
                        "are still referred to",
                        "LK-2"),
                Defect.of(
                        "every session leaves its buffer",
                        ofBackends(Kept::everySession),
                        "Leaks",
                        "bytes a time in the heap",
                        "LK-2"),
                Defect.of(
                        "who waits is watched by a thread that nobody ends",
                        Kept.AThreadPerWaiter::new,
                        "Leaks",
                        "watch-of-a-broken-backend",
                        "CL-3",
                        "SP-10"),
                Defect.of(
                                "the loss of one client's hold is told to all",
                                ToldToAll::new,
                                "Kept",
                                "another client lost",
                                "KE-1")
                        .thatReachesOthers());
    }

    private static List<Defect> views() {
        return List.of(
                Defect.of(
                        "a forced release takes any token",
                        ofBackends(Views::forceWhateverTheToken),
                        "Inspect",
                        "when an older token was named",
                        "IN-3"),
                Defect.of(
                        "a list does not count who waits",
                        ofBackends(Views::listHoldersAlone),
                        "Inspect",
                        "one client holds and one waits",
                        "IN-2"),
                Defect.of(
                        "a list ends with its first page",
                        ofBackends(Views::listTheFirstPage),
                        "Names",
                        "list() does not show",
                        "IN-2"),
                Defect.of(
                        "the address shows the password",
                        Views.ShowThePassword::new,
                        "Errors",
                        "the password is shown",
                        "ER-1"),
                Defect.of(
                        "a forced release is not noticed", ofBackends(Losses::new), "Loss", "the hold goes on", "LO-5"),
                Defect.of(
                        "a look shows the dead",
                        Views.ShowTheDead::new,
                        "Expiry",
                        "the leases of all who contend are over",
                        "IN-2"));
    }

    private static List<Defect> connections() {
        return List.of(
                Defect.of(
                        "the first client of a connection chooses the lease of all",
                        ofBackends(Connections::takeTheFirstLease),
                        "Sharing",
                        "and their sessions say",
                        "CF-5"),
                Defect.of(
                        "a label is the connection's",
                        ofBackends(Connections::takeTheFirstLabel),
                        "Sharing",
                        "on a connection that others share",
                        "IN-2"),
                Defect.of(
                        "the news of a connection go to who came last",
                        ofBackends(Connections::tellTheLastWhoCame),
                        "Sharing",
                        "another client of the same connection",
                        "KE-1"),
                Defect.of(
                        "a connection's renewals keep all its clients",
                        ofBackends(Connections::keepAllWhoseEndIsNotKnown),
                        "Sharing",
                        "renewals of another client of its connection kept its lock",
                        "CR-1"),
                Defect.of(
                        "a session that holds nothing is not renewed",
                        ofSessions(Connections::sparesTheIdle),
                        "Sharing",
                        "while it held nothing",
                        "KE-1"),
                Defect.of(
                        "a closed backend does not know its address",
                        ofBackends(Connections::forgetTheirAddress),
                        "Close",
                        "name its store",
                        "ER-1"),
                Defect.of(
                        "the end of a session is confirmed before it is done",
                        ofSessions(Early::endIsConfirmed),
                        "Answers",
                        "the end of its holder's session was confirmed",
                        "CL-1"),
                Defect.of(
                                "a release is confirmed before it is done",
                                ofSessions(Early::releaseIsConfirmed),
                                "Answers",
                                "the store confirmed a release",
                                "RE-4")
                        .alsoBreaks("ME-1", "RE-6", "UO-2", "UO-3", "UO-4")
                        .perhapsBreaks(
                                "CR-1", "FT-1", "IN-2", "IN-3", "LO-5", "NA-1", "SP-3", "UO-1", "WA-1", "WA-4", "WA-5"),
                Defect.of(
                        "a forced release is confirmed before it is done",
                        ofBackends(Early::forcedReleaseIsConfirmed),
                        "Answers",
                        "a forced release said that it has released",
                        "IN-3"),
                Defect.of(
                        "a place is given up, and not the turn that has just come",
                        ofSessions(Early::turnIsOverlooked),
                        "Races",
                        "a place was given up as the lock before it was released",
                        "WA-5"),
                Defect.of(
                        "the loss of a grant is told to who stands behind it in line",
                        ToldToAll::whoWait,
                        "Line",
                        "for which it only waited",
                        "KE-1"),
                Defect.of(
                        "each grant has a thread that looks after it",
                        ofSessions(Kept::aThreadForEachGrant),
                        "Leaks",
                        "locks were taken and as many waited for",
                        "SP-10"),
                Defect.of(
                        "what is not answered in time is taken for not sent",
                        ofSessions(Unanswered::areTakenForUnsent),
                        "LateRequests",
                        "was given up unanswered and withdrawn",
                        "UO-2"),
                Defect.of(
                        "a request is sent though it was withdrawn before",
                        ofSessions(Unanswered::areSentAfterTheirWithdrawal),
                        "LateRequests",
                        "was withdrawn before it was started",
                        "UO-2"),
                Defect.of(
                        "a lease counts from the renewal that was answered last",
                        ofSessions(Unanswered::countByTheLastAnswer),
                        "Basis",
                        "went back by",
                        "ME-2"),
                Defect.of(
                        "digits of all scripts are one",
                        NameFault.ReadsDigits::new,
                        "Names",
                        "it meets the lock of the other name",
                        "NA-2"));
    }
}
