// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.BackendConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code holdfast doctor} says of real servers. */
class DiagnosisTest {
    private StoreServer server;
    private Resp redis;

    @AfterEach
    void end() {
        if (redis != null) {
            redis.close();
            server.close();
        }
    }

    private void start(ServerSpec spec) {
        server = spec.start();
        redis = Resp.open(server.node(1).address());
    }

    private LockClient open(String userInfo) {
        return LockClient.open(LockConfig.of("redis://" + userInfo + server.endpoints()));
    }

    private List<StoreFinding> diagnose(String userInfo) {
        try (LockClient client = open(userInfo)) {
            return client.diagnose();
        }
    }

    private static StoreFinding of(String subject, List<StoreFinding> findings) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private StoreFinding of(String subject) {
        return of(subject, diagnose(""));
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void aServerThatIsSetUpWellIsAllRightAndLeftAsItWas(StoreKind kind) throws IOException {
        start(kind.spec().durable());
        List<StoreFinding> findings = diagnose("");
        assertThat(findings)
                .extracting(StoreFinding::subject)
                .containsExactly(
                        "version",
                        "persistence",
                        "eviction policy",
                        "memory",
                        "replicas",
                        "clock",
                        "rights",
                        "transport");
        assertThat(findings).allMatch(finding -> finding.verdict() == Verdict.OK);
        assertThat(rowsOfThePage())
                .containsAll(findings.stream().map(StoreFinding::subject).toList())
                .hasSize(findings.size() + 1)
                .contains("password file");
        assertThat(of("version", findings).seen())
                .isEqualTo(kind.label().replaceFirst("-.*", "") + " " + server.version());
        assertThat(redis.number("DBSIZE")).isZero();
    }

    /** What the page says that is looked at. */
    private static List<String> rowsOfThePage() throws IOException {
        String page = Files.readString(Path.of("../docs/backends/redis.md"));
        return Pattern.compile("(?m)^\\| ([a-z][a-z ]+) \\|")
                .matcher(page.substring(page.indexOf("## What `holdfast doctor`"), page.indexOf("## By hand")))
                .results()
                .map(row -> row.group(1))
                .toList();
    }

    @Test
    void persistenceThatForgetsGrantsIsNamed() {
        start(StoreKind.REDIS_7.spec());
        assertThat(of("persistence").verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(of("persistence").seen()).startsWith("none");
        redis.ask("CONFIG", "SET", "save", "3600 1");
        assertThat(of("persistence").verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(of("persistence").seen()).startsWith("snapshots only (save 3600 1)");
        redis.line("CONFIG SET appendonly yes");
        redis.line("CONFIG SET appendfsync everysec");
        assertThat(of("persistence").verdict()).isEqualTo(Verdict.WARNING);
        assertThat(of("persistence").seen()).contains("everysec");
        redis.line("CONFIG SET appendfsync always");
        assertThat(of("persistence").verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void evictionIsUnsafe() {
        start(StoreKind.REDIS_7.spec());
        assertThat(of("eviction policy").verdict()).isEqualTo(Verdict.OK);
        for (String policy : List.of("allkeys-lru", "volatile-ttl")) {
            redis.line("CONFIG SET maxmemory-policy " + policy);
            StoreFinding finding = of("eviction policy");
            assertThat(finding.verdict()).isEqualTo(Verdict.UNSAFE);
            assertThat(finding.seen()).contains(policy);
            assertThat(finding.advice()).contains("noeviction");
        }
    }

    @Test
    void roomUnderMaxmemoryIsMeasured() {
        start(StoreKind.REDIS_7.spec());
        redis.line("CONFIG SET maxmemory 1gb");
        assertThat(of("memory").verdict()).isEqualTo(Verdict.OK);
        try (LockClient client = open("")) {
            client.diagnose(); // the server knows the script now, which takes some memory
            long used = Long.parseLong(redis.text("INFO", "memory").replaceFirst("(?s).*used_memory:(\\d+).*", "$1"));
            redis.ask("CONFIG", "SET", "maxmemory", used * 20 / 19);
            assertThat(of("memory", client.diagnose()).verdict()).isEqualTo(Verdict.WARNING);
            redis.line("CONFIG SET maxmemory 1kb");
            StoreFinding full = of("memory", client.diagnose());
            assertThat(full.verdict()).isEqualTo(Verdict.UNSAFE);
            assertThat(full.advice()).contains("maxmemory");
        }
    }

    @Test
    void replicasAndTheirLagAreShown() {
        start(StoreKind.REDIS_7.spec());
        try (StoreServer second = StoreKind.REDIS_7.spec().start();
                Resp replica = Resp.open(second.node(1).address())) {
            InetSocketAddress master = server.node(1).address();
            replica.line("REPLICAOF 127.0.0.1 " + master.getPort());
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> redis.text("INFO", "replication").contains("state=online"));
            StoreFinding finding = of("replicas");
            assertThat(finding.verdict()).isEqualTo(Verdict.WARNING);
            assertThat(finding.seen()).matches("one is [0-9]+ bytes behind, heard from [0-9]+ s ago");
            second.pause();
            redis.ask("SET", "unheard", "x".repeat(5000));
            await().untilAsserted(() -> assertThat(of("replicas").seen()).matches("one is [5-9][0-9]{3} bytes.*"));
            second.resume();
            try (LockClient client = LockClient.open(LockConfig.of("redis://" + second.endpoints()))) {
                StoreFinding itself = of("replicas", client.diagnose());
                assertThat(itself.verdict()).isEqualTo(Verdict.UNSAFE);
                assertThat(itself.seen()).contains("127.0.0.1:" + master.getPort());
            }
        }
    }

    @Test
    void aClockFarFromOursIsNamed() {
        start(StoreKind.REDIS_7.spec().withMovableClock());
        assertThat(of("clock").verdict()).isEqualTo(Verdict.OK);
        server.moveClock(Duration.ofMinutes(1));
        assertThat(of("clock").verdict()).isEqualTo(Verdict.WARNING);
        assertThat(of("clock").seen()).matches("(59|60)\\.[0-9] s ahead of this machine's");
        server.moveClock(Duration.ofMinutes(-1));
        assertThat(of("clock").verdict()).isEqualTo(Verdict.WARNING);
        assertThat(of("clock").seen()).matches("(59|60)\\.[0-9] s behind this machine's");
    }

    @Test
    void missingRightsAreNamed() {
        start(StoreKind.REDIS_7.spec());
        String seeing = AclUserTckTest.RIGHTS + AclUserTckTest.LISTING + " +info +config|get";
        redis.line("ACL SETUSER locker on >pw " + seeing);
        try (LockClient client = open("locker:pw@")) {
            assertThat(of("rights", client.diagnose()).verdict()).isEqualTo(Verdict.OK);
            redis.line("ACL SETUSER locker -publish -scan");
            StoreFinding slow = of("rights", client.diagnose());
            assertThat(slow.verdict()).isEqualTo(Verdict.WARNING);
            assertThat(slow.seen()).endsWith("PUBLISH, SCAN");
            // A client that is opened now would be refused: RefusalTest.
            redis.line("ACL SETUSER locker -hset -zrem");
            StoreFinding unsafe = of("rights", client.diagnose());
            assertThat(unsafe.verdict()).isEqualTo(Verdict.UNSAFE);
            assertThat(unsafe.seen()).endsWith("PUBLISH, HSET, ZREM, SCAN");
        }
    }

    /** The user with the fewest rights sees its rights, the clock and the version, and is told what to do for the rest. */
    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void whatMayNotBeLookedAtIsUnknown(StoreKind kind) {
        start(kind.spec().durable());
        redis.line("ACL SETUSER locker on >pw " + AclUserTckTest.RIGHTS + AclUserTckTest.LISTING);
        Map<Verdict, List<StoreFinding>> found =
                diagnose("locker:pw@").stream().collect(Collectors.groupingBy(StoreFinding::verdict));
        assertThat(found.get(Verdict.OK))
                .extracting(StoreFinding::subject)
                .containsExactly("version", "clock", "rights", "transport");
        assertThat(found.get(Verdict.UNKNOWN))
                .extracting(StoreFinding::subject)
                .containsExactly("persistence", "eviction policy", "memory", "replicas");
        assertThat(found.get(Verdict.UNKNOWN))
                .allMatch(finding -> finding.advice().contains("+info"));
        // INFO says that there is an append-only file, CONFIG alone how soon it is forced to disk.
        redis.line("ACL SETUSER locker +info");
        StoreFinding half = of("persistence", diagnose("locker:pw@"));
        assertThat(half.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(half.advice()).contains("+config|get");
    }

    /** A disk is not to be filled for a test. */
    @ParameterizedTest
    @ValueSource(strings = {"aof_last_write_status", "rdb_last_bgsave_status"})
    void writesToDiskThatFailAreUnsafe(String field) {
        Map<String, String> info = Map.of("aof_enabled", "1", "role", "master", field, "err");
        ServerFacts facts = new ServerFacts("redis 7.0.0", 0, 0, info, Map.of("appendfsync", "always"));
        StoreFinding finding =
                of("persistence", new ServerDiagnosis(facts, Rights.parse("unknown"), List.of()).findings());
        assertThat(finding.verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(finding.seen()).contains("MISCONF");
    }

    /** No such server is at hand here. */
    @Test
    void aServerNobodyTestedAndOneThatCannotTellRights() {
        ServerFacts old = new ServerFacts("redis 6 or older", 0, 0, Map.of(), Map.of());
        List<StoreFinding> findings = new ServerDiagnosis(old, Rights.parse("unknown"), List.of()).findings();
        assertThat(of("version", findings).verdict()).isEqualTo(Verdict.WARNING);
        assertThat(of("rights", findings).verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    private static StoreFinding transport(String url) {
        return transport(LockConfig.of(url));
    }

    private static StoreFinding transport(LockConfig config) {
        return RedissonSettings.of(BackendConfig.of(config)).transport().get(0);
    }

    @Test
    void theWayToTheServerIsLookedAt() {
        assertThat(transport("redis://u:p@127.0.0.1").verdict()).isEqualTo(Verdict.OK);
        assertThat(transport("redis://10.0.0.1").verdict()).isEqualTo(Verdict.OK);
        assertThat(transport("rediss://u:p@10.0.0.1").verdict()).isEqualTo(Verdict.OK);
        StoreFinding clear = transport("valkey://u:p@10.0.0.1");
        assertThat(clear.verdict()).isEqualTo(Verdict.WARNING);
        assertThat(clear.advice()).contains("valkeys://");
        StoreFinding blind = transport(LockConfig.of("rediss://10.0.0.1").with("tls.verify", "false"));
        assertThat(blind.verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(blind.advice()).contains("tls.ca");
    }
}
