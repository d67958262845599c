// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.etcd.jetcd.Client;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.GuaranteeClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code holdfast doctor} says of real clusters. */
class DiagnosisTest {
    private static List<StoreFinding> diagnose(LockConfig config) {
        try (LockClient client = LockClient.open(config)) {
            return client.diagnose();
        }
    }

    private static LockConfig config(String endpoints) {
        return LockConfig.of("etcd://" + endpoints);
    }

    private static StoreFinding of(String subject, List<StoreFinding> findings) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void oneOldMemberIsUnsafeByItsVersionAndShortOfMembers() throws IOException {
        try (StoreServer server = StoreKind.ETCD_3_4.spec().start()) {
            List<StoreFinding> findings = diagnose(config(server.endpoints()));
            assertThat(findings)
                    .extracting(StoreFinding::subject)
                    .containsExactly(
                            "version",
                            "members in the URL",
                            "members",
                            "leader",
                            "alarms",
                            "database size",
                            "entries of others",
                            "transport");
            String page = Files.readString(Path.of("../docs/backends/etcd.md"));
            assertThat(findings).allSatisfy(finding -> assertThat(page).contains("| " + finding.subject() + " | "));
            StoreFinding version = of("version", findings);
            assertThat(version.seen()).contains(server.version()).contains("15247");
            assertThat(version.verdict())
                    .isEqualTo(LeaseFix.of(server.version()) == LeaseFix.NONE ? Verdict.UNSAFE : Verdict.OK);
            assertThat(of("members", findings).verdict()).isEqualTo(Verdict.WARNING);
            for (String fine : List.of(
                    "members in the URL", "leader", "alarms", "database size", "entries of others", "transport")) {
                assertThat(of(fine, findings).verdict()).as(fine).isEqualTo(Verdict.OK);
            }
        }
    }

    /** Which flags a member has it does not tell; a lease that no checkpoint reaches needs no warning. */
    @Test
    void aLeaseThatACheckpointCanReachIsWarnedOf() throws IOException {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().start()) {
            LockConfig config = config(server.endpoints());
            StoreFinding lease =
                    of("lease", diagnose(config.withLease(Duration.ofMinutes(5).plusSeconds(1))));
            assertThat(lease.verdict()).isEqualTo(Verdict.WARNING);
            assertThat(lease.toString()).contains("301s", "lease-checkpoint", "5 minutes");
            assertThat(diagnose(config.withLease(Duration.ofMinutes(5))))
                    .noneMatch(finding -> finding.subject().equals("lease"));
            assertThat(Files.readString(Path.of("../docs/backends/etcd.md"))).contains("| lease | not shown |");
        }
    }

    /** gRPC asks no connection more often than every 10 s whether it lives. */
    @Test
    void aLeaseThatASilentConnectionOutlivesIsWarnedOf() {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().start()) {
            LockConfig config = config(server.endpoints()).with("operation-timeout", "3s");
            StoreFinding lease = of("lease", diagnose(config.withLease(Duration.ofSeconds(19))));
            assertThat(lease.verdict()).isEqualTo(Verdict.WARNING);
            assertThat(lease.toString()).contains("19s", "13s", "19500ms or more");
            assertThat(diagnose(config.withLease(Duration.ofSeconds(20))))
                    .noneMatch(finding -> finding.subject().equals("lease"));
        }
    }

    /** A newer release is of class A in a cluster of one member only: advice to run three would lead away from it. */
    @Test
    void whoHasOneNewMemberIsNotLedIntoClassB() {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().start()) {
            assumeThat(LeaseFix.of(server.version())).isEqualTo(LeaseFix.IN_PART);
            List<StoreFinding> findings = diagnose(config(server.endpoints()));
            assertThat(of("version", findings).verdict()).isEqualTo(Verdict.OK);
            assertThat(of("members", findings))
                    .returns(Verdict.WARNING, StoreFinding::verdict)
                    .satisfies(finding -> assertThat(finding.advice()).contains("class B", "3.5.13 to 3.5.15"));
        }
    }

    @Test
    void threeNewMembersAreAllRightUntilOneIsDownOrLeftOut() {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().nodes(3).start()) {
            List<StoreFinding> findings = diagnose(config(server.endpoints()));
            assertThat(of("version", findings))
                    .returns(Verdict.WARNING, StoreFinding::verdict)
                    .satisfies(finding -> assertThat(finding.seen()).contains("15247"));
            for (String fine : List.of("members in the URL", "members", "leader", "alarms", "database size")) {
                assertThat(of(fine, findings).verdict()).as(fine).isEqualTo(Verdict.OK);
            }
            ServerNode one = server.node(1);
            assertThat(of("members", diagnose(config(one.endpoint()))))
                    .returns(Verdict.WARNING, StoreFinding::verdict)
                    .satisfies(finding -> assertThat(finding.advice()).contains("all members"));
            server.node(3).kill();
            assertThat(of("members in the URL", diagnose(config(server.endpoints()))))
                    .returns(Verdict.WARNING, StoreFinding::verdict)
                    .satisfies(finding ->
                            assertThat(finding.seen()).contains(server.node(3).endpoint()));
        }
    }

    @Test
    void aUserForLocksSeesWhatItMayAndALentClientSaysWhatItCannotTell() {
        try (StoreServer server =
                StoreKind.ETCD_3_5.spec().withCredentials("holdfast/").start()) {
            Credentials known = server.credentials();
            List<StoreFinding> findings = diagnose(
                    config(server.endpoints()).with("user", known.user()).with("password", known.password()));
            assertThat(of("version", findings).verdict()).isEqualTo(Verdict.OK);
            assertThat(findings.toString()).doesNotContain(known.password());
        }
        try (StoreServer server = StoreKind.ETCD_3_5.spec().start();
                Client jetcd = Client.builder()
                        .endpoints("http://" + server.endpoints())
                        .build();
                LockClient client = LockClient.open(EtcdBackend.using(jetcd), LockConfig.load())) {
            assertThat(of("version", client.diagnose()).verdict()).isEqualTo(Verdict.UNKNOWN);
            assertThat(of("alarms", client.diagnose()).verdict()).isEqualTo(Verdict.OK);
        }
    }

    @Test
    void aFullDatabaseRaisesAnAlarmAndTakesNoNewLockButReleases() throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_4
                        .spec()
                        .line("--quota-backend-bytes=1048576")
                        .start();
                LockClient client = LockClient.open(config(server.endpoints()));
                Etcd etcd = Etcd.at(server.endpoints())) {
            var hold = client.acquire("held");
            String megabyte = "x".repeat(1 << 18);
            for (int i = 0; i < 100 && of("alarms", client.diagnose()).verdict() == Verdict.OK; i++) {
                try {
                    etcd.put("fill/" + i, megabyte, 0);
                } catch (IllegalStateException full) {
                    // What raises the alarm is refused.
                }
            }
            assertThat(of("alarms", client.diagnose()))
                    .returns(Verdict.UNSAFE, StoreFinding::verdict)
                    .satisfies(finding -> assertThat(finding.seen()).contains("NOSPACE"));
            assertThat(hold.release()).isEqualTo(io.holdfast.ReleaseOutcome.RELEASED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3.4.23, NONE", "3.4.30, NONE", "3.4.31, WHOLE", "3.4.33, WHOLE", "3.4.34, IN_PART", "3.4.37, IN_PART",
        "3.5.12, NONE", "3.5.13, WHOLE", "3.5.15, WHOLE", "3.5.16, IN_PART", "3.6.0, IN_PART", "3.6.0-rc.1, IN_PART",
        "4.0.0, IN_PART", "3.3.27, NONE", "2.3.8, NONE", "3.5, NONE", "x, NONE"
    })
    void theReleasesWithTheFixAreKnown(String version, LeaseFix fix) {
        assertThat(LeaseFix.of(version)).isEqualTo(fix);
    }

    /** A former leader needs a successor. */
    @ParameterizedTest
    @CsvSource({"1, A", "3, B"})
    void aReleaseWithHalfTheFixIsOfClassAWhereItIsAlone(int members, GuaranteeClass expected) {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().nodes(members).start();
                LockClient client = LockClient.open(config(server.endpoints()))) {
            assertThat(LeaseFix.of(server.version())).isEqualTo(LeaseFix.IN_PART);
            assertThat(client.capabilities().guarantee()).isEqualTo(expected);
        }
    }

    /** A member that the URL names is not known to be the only one by that. */
    @Test
    void oneMemberOfThreeInTheUrlIsNotTakenForTheOnlyOne() {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().nodes(3).start();
                LockClient client = LockClient.open(config(server.node(2).endpoint()))) {
            assertThat(client.capabilities().guarantee()).isEqualTo(GuaranteeClass.B);
        }
    }
}
