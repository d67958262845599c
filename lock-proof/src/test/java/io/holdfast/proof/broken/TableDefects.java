// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;
import java.util.stream.Stream;

/** Broken tables: mistakes of one statement. */
final class TableDefects {
    private TableDefects() {}

    static List<Defect> all() {
        return Stream.of(renewals()).flatMap(List::stream).toList();
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
}
