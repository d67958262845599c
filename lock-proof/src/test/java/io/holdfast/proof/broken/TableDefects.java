// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;
import java.util.stream.Stream;

/** Broken tables: mistakes of one statement. */
final class TableDefects {
    private TableDefects() {}

    static List<Defect> all() {
        return Stream.of(renewals(), names(), views()).flatMap(List::stream).toList();
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
                        "before their lease was over",
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
                        "NA-2"),
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
}
