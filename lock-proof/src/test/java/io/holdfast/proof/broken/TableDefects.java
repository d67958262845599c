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
                        "before that was over the store gave its lock to another one",
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
                        "CR-1"));
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
                        "RE-6"));
    }
}
