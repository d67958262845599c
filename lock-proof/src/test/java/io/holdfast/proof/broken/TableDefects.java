// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;
import java.util.stream.Stream;

/** Broken tables: mistakes of one statement. */
final class TableDefects {
    private TableDefects() {}

    static List<Defect> all() {
        return Stream.of(renewals(), grants(), races(), names(), views(), clients(), RowDefects.all())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Defect> renewals() {
        return List.of(
                Defect.of(
                        "renewals add up",
                        Rows.broken(RowRenewals::addUp),
                        "Renewals",
                        "behind one that renewed",
                        "CR-1"),
                Defect.of(
                        "a renewal extends by half a lease",
                        Rows.broken(RowRenewals::extendByHalf),
                        "Renewals",
                        "the store gave the lock to another client",
                        "KE-1"),
                Defect.of(
                        "the tenth renewal is the last that counts",
                        Rows.broken(RowRenewals::wearOut),
                        "Renewals",
                        "a renewal that came in time",
                        "KE-1"),
                Defect.of(
                        "a renewal reaches the first holds of a client only",
                        Rows.broken(RowRenewals::reachTheFirstOnly),
                        "Renewals",
                        "KE-1",
                        "KE-1"),
                Defect.of(
                        "a renewal keeps the grants of all clients of the same label",
                        Rows.broken(RowRenewals::goByTheLabel),
                        "Expiry",
                        "while a holder of another name and the waiter itself renew",
                        "CR-1"),
                Defect.of(
                        "the first row that is gone ends a renewal",
                        Rows.broken(RowRenewals::endWithTheFirstLoss),
                        "Renewals",
                        "KE-1",
                        "KE-1"),
                Defect.of(
                        "a renewal keeps what begins with its name",
                        Rows.broken(RowRenewals::keepWhatBeginsWithTheName),
                        "Expiry",
                        "while a holder of another name and the waiter itself renew",
                        "CR-1"),
                Defect.of(
                        "a renewal after the lease takes the lock again",
                        Rows.broken(RowRenewals::wakeTheDead),
                        "Expiry",
                        "a renewal that came after the end of the lease",
                        "ME-4"),
                Defect.of(
                        "the first lease is cut",
                        Rows.broken(RowRenewals::comeLate),
                        "Renewals",
                        "the store gave the lock to another client",
                        "CF-5"));
    }

    private static List<Defect> grants() {
        return List.of(
                Defect.of(
                        "leases have a limit that is not declared",
                        Rows.broken(RowRenewals::beginWithinALimit),
                        "Leases",
                        "of one that nothing renewed",
                        "CF-5"),
                Defect.of(
                        "renewed leases have a limit that is not declared",
                        Rows.broken(RowRenewals::neverExtendBeyondALimit),
                        "Leases",
                        "of one that was renewed once",
                        "CF-5"),
                Defect.of(
                        "who comes goes by its own lease",
                        Rows.broken(RowGrants::judgeByTheTakersLease),
                        "Leases",
                        "to a client whose own lease is",
                        "CF-5"),
                Defect.of(
                        "leases are whole seconds, rounded up",
                        Rows.broken(RowRenewals::countWholeSeconds),
                        "Expiry",
                        "takeovers took",
                        "SP-6"),
                Defect.of(
                        "a renewal reaches a hundred holds of a client",
                        Rows.broken(RowRenewals::reachAHundred),
                        "Renewals",
                        "KE-1",
                        "KE-1"),
                Defect.of(
                        "a renewal makes anew what is gone",
                        Rows.broken(RowRenewals::makeWhatIsGone),
                        "Contract",
                        "brought back",
                        "LK-1",
                        "LO-5"),
                Defect.of(
                        "what was lost once is renewed no more",
                        Rows.broken(RowRenewals::stopAtTheFirstLossOfAName),
                        "Loss",
                        "next hold of the name is not renewed",
                        "KE-1"),
                Defect.of(
                        "a token counts holders, not grants",
                        Rows.broken(RowGrants::countHoldersNotGrants),
                        "Fencing",
                        "a grant right after the release",
                        "FT-1"),
                Defect.of(
                        "a token is the time of day",
                        Rows.broken(RowGrants::takeTheTimeForAToken),
                        "Fencing",
                        "a grant right after the release",
                        "FT-1"),
                Defect.of(
                        "the last few that were given up are known",
                        Rows.broken(RowGrants::rememberAFew),
                        "Copies",
                        "others had been given up",
                        "UO-2"),
                Defect.of(
                        "what was given up is soon forgotten",
                        Rows.broken(RowGrants::forgetSoon),
                        "Copies",
                        "a copy of a contend that is over came after",
                        "UO-2"),
                Defect.of(
                        "long labels are refused",
                        Rows.broken(RowGrants::refuseLongLabels),
                        "Inspect",
                        "value too long",
                        "IN-2"));
    }

    private static List<Defect> races() {
        return List.of(
                Defect.of(
                        "tries that meet fail",
                        Rows.broken(RowGrants::failWhenTheyMeet),
                        "Races",
                        "for which others try, too",
                        "UO-1"),
                Defect.of(
                        "a renewal looks, then extends what is there",
                        Rows.broken(RowRaces::renewWhateverIsThere),
                        "Races",
                        "the renewal kept the next holder's lock",
                        "CR-1"),
                Defect.of(
                        "a renewal looks, then writes the row",
                        Rows.broken(RowRaces::renewByWritingTheRow),
                        "Races",
                        "met in the store, which shows",
                        "LK-1",
                        "LO-5"),
                Defect.of(
                        "a release looks, then deletes what is there",
                        Rows.broken(RowRaces::releaseWhateverIsThere),
                        "Races",
                        "which met in the store",
                        "UO-3"));
    }

    private static List<Defect> names() {
        return List.of(
                Defect.of(
                        "a release frees what begins with its name",
                        Rows.broken(RowNames::releasesWhatBeginsWithTheName),
                        "SimilarNames",
                        "touched the lock of another name",
                        "NA-2"),
                Defect.of(
                        "a release takes its name for a pattern",
                        Rows.broken(RowNames::releasesWhatIsLikeTheName),
                        "SimilarNames",
                        "touched the lock of another name",
                        "NA-2",
                        "NA-3"),
                Defect.of(
                        "a look takes its name for a pattern",
                        Rows.broken(RowNames::looksForWhatMatches),
                        "SimilarNames",
                        "the free name",
                        "IN-2"),
                Defect.of(
                        "a lock's counter has the key of another lock",
                        Rows.broken(RowNames::countsBesideTheLock),
                        "Names",
                        ":token' is refused",
                        "NA-2"),
                Defect.of(
                        "names differ in the case of their encoding",
                        Rows.broken(RowNames.encodedAlike()),
                        "Names",
                        "the lock of the other name",
                        "NA-2"),
                Defect.of(
                        "names that are one number are one name",
                        Rows.broken(RowNames.numbersAreNumbers()),
                        "Names",
                        "the lock of the other name",
                        "NA-2"),
                Defect.of(
                        "prefix and name are digested to 32 bits",
                        Rows.broken(RowNames.digested()),
                        "Names",
                        "the lock of the other name",
                        "NA-2"));
    }

    private static List<Defect> views() {
        return List.of(
                Defect.of(
                        "the version of a row is shown as its token",
                        Rows.broken(RowViews::showTheVersion),
                        "Inspect",
                        "a holder renewed",
                        "IN-2"),
                Defect.of(
                        "the last renewal is shown as the beginning",
                        Rows.broken(RowViews::showTheLastRenewalAsSince),
                        "Inspect",
                        "a holder renewed",
                        "IN-2"),
                Defect.of(
                        "a forced release reaches other prefixes",
                        Rows.broken(RowViews::forceInEveryPrefix),
                        "Names",
                        "freed a lock under another",
                        "NA-3"),
                Defect.of(
                        "a forced release takes a newer token",
                        Rows.broken(RowViews::forceAnythingOlder),
                        "Inspect",
                        "when a newer token was named",
                        "IN-3"),
                Defect.of(
                        "a forced release marks the next holder's grant, too",
                        Rows.broken(RowViews::markTheNameWhenForced),
                        "Inspect",
                        "the next holder is told that it lost it",
                        "IN-3"),
                Defect.of(
                        "a list ends after a thousand names",
                        Rows.broken(RowViews::listAThousand),
                        "Inspect",
                        "list() does not show",
                        "IN-2"),
                Defect.of(
                        "clients of one label are one owner",
                        Rows.broken(RowViews::takeNamesakesForOneClient),
                        "Close",
                        "two clients of one label",
                        "RE-6"),
                Defect.of(
                        "a forced release frees a grant that is over",
                        Rows.broken(RowViews::forceTheDead),
                        "Expiry",
                        "whose lease is over was released by force",
                        "IN-3"),
                Defect.of(
                        "the label of the dead is shown",
                        Rows.broken(RowViews::keepTheLabelOfTheDead),
                        "Expiry",
                        "the holder after one whose lease ran out",
                        "IN-2"),
                Defect.of(
                        "a label ends at a colon",
                        Rows.broken(RowViews::cutTheLabel),
                        "Inspect",
                        "the holder is shown as",
                        "IN-2"),
                Defect.of(
                        "a refused try is shown as the holder",
                        Rows.broken(RowViews::showWhoAskedLast),
                        "Inspect",
                        "a try was refused",
                        "IN-2"),
                Defect.of(
                        "a list does not say who holds",
                        Rows.broken(RowViews::listWithoutHolders),
                        "Inspect",
                        "list() shows what is held",
                        "IN-2"));
    }

    /** Found by what nobody else does: at the end of a range, on one thread, or when there is nothing left to be done. */
    private static List<Defect> clients() {
        return List.of(
                Defect.of(
                        "leases are microseconds in 32 bits",
                        Rows.broken(RowRenewals::countMicroseconds),
                        "Leases",
                        "with a lease of PT",
                        "CF-5"),
                Defect.of(
                        "an expired row is looked at, then taken",
                        Rows.broken(RowRaces::takeWhateverHasExpired),
                        "Races",
                        "fell silent, several clients tried at once",
                        "ME-1"),
                Defect.of(
                        "who gives up what is gone is not remembered",
                        Rows.broken(RowGrants::rememberWhatTheyFreed),
                        "Copies",
                        "after its grant had been released by force",
                        "UO-2"),
                Defect.of(
                        "a lock belongs to the thread that took it",
                        Rows.broken(RowGrants::belongToAThread),
                        "Sharing",
                        "on the thread that took",
                        "RE-6"),
                Defect.of(
                        "a local lock is kept for every name",
                        Rows.broken(RowGrants::keepALocalLockForEachName),
                        "Leaks",
                        "bytes a time in the heap",
                        "LK-2"),
                Defect.of(
                        "a request that comes twice is refused by its own row",
                        Rows.broken(RowGrants::refuseTheHolder),
                        "Copies",
                        "a request that holds was repeated",
                        "UO-4"),
                Defect.of(
                        "a question fails on an interrupted thread",
                        Rows.broken(RowViews::endAtAnInterrupt),
                        "Interrupts",
                        "on an interrupted thread",
                        "WA-14"),
                Defect.of(
                        "a forced release takes its thread's interrupt",
                        Rows.broken(RowViews::swallowInterrupts),
                        "Interrupts",
                        "took the interrupt status",
                        "WA-14"),
                Defect.of(
                        "a counter begins anew on an empty table",
                        Rows.broken(RowGrants::countAnewOnAnEmptyTable),
                        "Fencing",
                        "all clients had gone",
                        "FT-1"),
                Defect.of(
                        "a renewal that meets another's grant is told as an outage",
                        Rows.broken(RowRenewals::failWhereAnotherHolds),
                        "Inspect",
                        "released by force, while the next one is in force",
                        "LO-5"),
                Defect.of(
                        "a label ends with the first lease of its grant",
                        Rows.broken(RowViews::renewTheRowNotItsLabel),
                        "Kept",
                        "renewed for longer than its lease",
                        "IN-2"),
                Defect.of(
                        "a lock is shown as held since its name was first used",
                        Rows.broken(RowViews::showSinceTheFirst),
                        "Inspect",
                        "a hold that began",
                        "IN-2"),
                Defect.of(
                        "a renewal takes a thousand holds",
                        Rows.broken(RowRenewals::takeAThousand),
                        "Inspect",
                        "holds ended with",
                        "KE-1"),
                Defect.of(
                        "a counter ends with two leases without a holder",
                        Rows.broken(RowGrants::countAnewAfterAWhile),
                        "Fencing",
                        "in which nobody held",
                        "FT-1"),
                Defect.of(
                        "a list takes its prefix for a pattern",
                        Rows.broken(RowNames::listsPrefixesThatMatch),
                        "SimilarNames",
                        "is shown under",
                        "NA-3"),
                Defect.of(
                        "a forced release finds English names only",
                        Rows.broken(RowViews::forceByLetters),
                        "Names",
                        "which another client holds, says",
                        "IN-3"));
    }
}
