// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.cluster.MemberListResponse;
import io.etcd.jetcd.maintenance.AlarmResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.etcd.Connection.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a cluster is set up safely for locks, by what it says of itself; what each verdict means is in docs/backends/etcd.md. */
final class Diagnosis {
    private static final String LENT = "a lent client does not say where the members are";
    private static final String USE_A_URL = "diagnose by a URL that names the members";

    /** One member has no successor whose leases it could have revoked: of a release with a part of the fix, it alone is of class A. */
    private static final String STAY_IN_A =
            "; of this release several members are class B, so take 3.5.13 to 3.5.15 (or 3.4.31 to"
                    + " 3.4.33), or stay with one where class A matters more than an outage";

    /** etcd takes no more writes at its quota, which is 2 GiB unless told otherwise, and does not say what it is. */
    private static final long USUAL_QUOTA = 2L << 30;

    private static final int FULL_PERCENT = 80;

    private final List<Member> asked;
    private final List<Member> answered;
    private final @Nullable MemberListResponse members;
    private final @Nullable AlarmResponse alarms;

    /**
     * A diagnosis of what was seen.
     *
     * @param asked the members that the address names; none for a lent client
     * @param members null when they could not be listed
     * @param alarms null when they could not be listed
     */
    Diagnosis(List<Member> asked, @Nullable MemberListResponse members, @Nullable AlarmResponse alarms) {
        this.asked = asked;
        this.answered = asked.stream().filter(one -> one.status() != null).toList();
        this.members = members;
        this.alarms = alarms;
    }

    List<StoreFinding> findings() {
        return List.of(version(), reach(), size(), leader(), alarms(), database());
    }

    private static StatusResponse status(Member one) {
        StatusResponse status = one.status();
        if (status == null) {
            throw new IllegalStateException(one.endpoint() + " has not answered");
        }
        return status;
    }

    private StoreFinding version() {
        if (answered.isEmpty()) {
            return unseen("version", asked.isEmpty() ? LENT : "no member has answered");
        }
        Set<String> versions =
                answered.stream().map(one -> status(one).getVersion()).collect(Collectors.toCollection(TreeSet::new));
        String seen = "etcd " + String.join(", ", versions);
        LeaseFix fix = fix();
        if (fix == LeaseFix.NONE) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "version",
                    seen + ": a leader that was stopped or hung may have leases revoked that its successor keeps alive"
                            + " (etcd#15247), so two may come to hold one lock",
                    "use etcd 3.4.31 to 3.4.33 or 3.5.13 to 3.5.15, or guard what matters by the fencing token");
        }
        if (fix == LeaseFix.IN_PART && (members == null || members.getMembers().size() > 1)) {
            return new StoreFinding(
                    Verdict.WARNING,
                    "version",
                    seen
                            + ": a leader whose whole process stood still for longer than a lease may, when it goes on, have"
                            + " leases revoked that its successor keeps alive (etcd#15247 is fixed in part)",
                    "do not pause members' machines, choose leases longer than a pause, guard what matters by the fencing"
                            + " token, or use etcd 3.5.15");
        }
        return versions.stream().allMatch(version -> version.matches("3\\.[45]\\..*"))
                ? StoreFinding.ok("version", seen)
                : new StoreFinding(
                        Verdict.WARNING, "version", seen + ", which Holdfast is not tested with", "use etcd 3.5");
    }

    /** That of the member that has the least of it. */
    private LeaseFix fix() {
        return answered.stream()
                .map(one -> LeaseFix.of(status(one).getVersion()))
                .min(Comparator.naturalOrder())
                .orElse(LeaseFix.NONE);
    }

    private StoreFinding reach() {
        if (asked.isEmpty()) {
            return unseen("members in the URL", LENT);
        }
        List<String> silent =
                new ArrayList<>(asked.stream().map(Member::endpoint).toList());
        silent.removeAll(answered.stream().map(Member::endpoint).toList());
        return silent.isEmpty()
                ? StoreFinding.ok("members in the URL", "all " + asked.size() + " answer")
                : new StoreFinding(
                        Verdict.WARNING,
                        "members in the URL",
                        String.join(", ", silent) + " do not answer: requests wait for them first",
                        "start them, or take them out of the URL");
    }

    private StoreFinding size() {
        if (members == null) {
            return new StoreFinding(
                    Verdict.UNKNOWN,
                    "members",
                    "the cluster did not list them",
                    "diagnose as a user with the root role");
        }
        long voting =
                members.getMembers().stream().filter(one -> !one.isLearner()).count();
        if (voting == 1) {
            return new StoreFinding(
                    Verdict.WARNING,
                    "members",
                    "one: while it is down no lock is to be had, and its disk is all there is",
                    "run three members, or five, and name all of them in the URL"
                            + (fix() == LeaseFix.IN_PART ? STAY_IN_A : ""));
        }
        String seen = voting + ", of which " + (voting - 1) / 2 + " may be down";
        if (!asked.isEmpty() && asked.size() < voting) {
            return new StoreFinding(
                    Verdict.WARNING,
                    "members",
                    seen + "; the URL names only " + asked.size(),
                    "name all members in the URL");
        }
        return voting % 2 == 1
                ? StoreFinding.ok("members", seen)
                : new StoreFinding(
                        Verdict.WARNING,
                        "members",
                        seen + ", no more than with one less",
                        "run an odd number of members");
    }

    private StoreFinding leader() {
        if (answered.isEmpty()) {
            return unseen("leader", asked.isEmpty() ? LENT : "no member has answered");
        }
        List<String> without = answered.stream()
                .filter(one -> status(one).getLeader() == 0)
                .map(Member::endpoint)
                .toList();
        long leaders =
                answered.stream().map(one -> status(one).getLeader()).distinct().count();
        if (!without.isEmpty() || leaders > 1) {
            return new StoreFinding(
                    Verdict.WARNING,
                    "leader",
                    without.isEmpty()
                            ? "the members name different ones: an election is under way"
                            : String.join(", ", without) + " know none: locks cannot be had through them",
                    "look at the members' logs, disks and network; ask again after a few seconds");
        }
        return StoreFinding.ok(
                "leader", "one, in term " + status(answered.get(0)).getRaftTerm());
    }

    private StoreFinding alarms() {
        if (alarms == null) {
            return new StoreFinding(
                    Verdict.UNKNOWN, "alarms", "this user may not list them", "diagnose as a user with the root role");
        }
        if (alarms.getAlarms().isEmpty()) {
            return StoreFinding.ok("alarms", "none");
        }
        String seen = alarms.getAlarms().stream()
                .map(alarm -> alarm.getAlarmType() + " on " + Long.toHexString(alarm.getMemberId()))
                .collect(Collectors.joining(", "));
        return new StoreFinding(
                Verdict.UNSAFE,
                "alarms",
                seen + (seen.contains("NOSPACE") ? ": no new lock is taken" : ": the members' data differ"),
                "NOSPACE: compact, defragment, etcdctl alarm disarm; CORRUPT: replace the member's data");
    }

    private StoreFinding database() {
        if (answered.isEmpty()) {
            return unseen("database size", asked.isEmpty() ? LENT : "no member has answered");
        }
        long largest = answered.stream()
                .mapToLong(one -> status(one).getDbSize())
                .max()
                .orElse(0);
        String seen = String.format(Locale.ROOT, "%.1f MiB", largest / 1048576.0);
        return largest < USUAL_QUOTA / 100 * FULL_PERCENT
                ? StoreFinding.ok("database size", seen)
                : new StoreFinding(
                        Verdict.WARNING,
                        "database size",
                        seen + "; at its quota, 2 GiB unless told otherwise, etcd takes no new lock",
                        "compact (--auto-compaction-retention) and defragment, or raise --quota-backend-bytes");
    }

    private static StoreFinding unseen(String subject, String seen) {
        return new StoreFinding(Verdict.UNKNOWN, subject, seen, USE_A_URL);
    }
}
