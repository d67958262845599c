// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.GuaranteeClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule IN-4: what {@code holdfast doctor} says of servers set up well and badly; and that it changes nothing in them. */
class DiagnosisTest {
    private static Map<String, StoreFinding> bySubject(List<StoreFinding> findings) {
        Map<String, StoreFinding> subjects = new TreeMap<>();
        findings.forEach(finding -> subjects.put(finding.subject(), finding));
        return subjects;
    }

    @Test
    void aServerAsItComesIsFine() throws IOException {
        ServerSpec asItComes = ConsulFixture.usual();
        try (StoreServer server = asItComes.start();
                LockClient client = LockClient.open("consul://" + server.endpoints())) {
            Administrator administrator = Administrator.of(server);
            String before = administrator.entries("") + "" + administrator.sessions();
            List<StoreFinding> findings = client.diagnose();
            assertThat(findings).hasSize(11).allMatch(finding -> finding.verdict() == Verdict.OK);
            String page = Files.readString(Path.of("../docs/backends/consul.md"));
            assertThat(findings).allSatisfy(finding -> assertThat(page).contains("| " + finding.subject() + " | "));
            assertThat(bySubject(findings).get("version").seen()).contains(server.version());
            assertThat(administrator.entries("") + "" + administrator.sessions())
                    .isEqualTo(before);
        }
    }

    /** By docs/backends/consul.md: a leader that stood still, and leads anew, ends sessions that its successor has renewed. */
    @ParameterizedTest
    @CsvSource({"1,A,OK", "3,B,WARNING"})
    @DisplayName("ME-1: a cluster of several servers is of class B")
    void theClassIsThatOfSoManyServers(int servers, GuaranteeClass expected, Verdict verdict) {
        try (StoreServer server = ConsulFixture.usual().nodes(servers).start();
                LockClient client = LockClient.open("consul://" + server.endpoints())) {
            assertThat(client.capabilities().guarantee()).isEqualTo(expected);
            assertThat(bySubject(client.diagnose()).get("servers").verdict()).isEqualTo(verdict);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, WARNING, its clients lose what they hold then, leave_on_terminate = false",
        "false, OK, it stays when it is told to stop, ''"
    })
    @DisplayName("IN-4: an agent in client mode that leaves Consul when it is stopped is warned of")
    void anAgentThatLeaves(boolean leaves, Verdict verdict, String seen, String advice) {
        try (StoreServer server = ConsulFixture.usual().start();
                ClientAgent agent = ClientAgent.of(server, "app-1", leaves);
                LockClient client = LockClient.open("consul://" + agent.endpoint())) {
            StoreFinding finding = bySubject(client.diagnose()).get("agent");
            assertThat(finding.verdict()).isEqualTo(verdict);
            assertThat(finding.seen()).contains("in client mode", seen);
            assertThat(finding.advice()).contains(advice);
        }
    }

    @Test
    void aHigherMinimumAndAScarcityOfConnectionsAreWarnedOf() {
        ServerSpec scarce = ConsulFixture.usual()
                .line("session_ttl_min = \"1m30s\"")
                .line("limits { http_max_conns_per_client = 40 }");
        try (StoreServer server = scarce.start();
                LockClient client = LockClient.open(
                        LockConfig.of("consul://" + server.endpoints()).withLease(java.time.Duration.ofMinutes(2)))) {
            Map<String, StoreFinding> findings = bySubject(client.diagnose());
            assertThat(findings.get("session minimum").verdict()).isEqualTo(Verdict.WARNING);
            assertThat(findings.get("session minimum").seen()).contains("1m30s");
            assertThat(findings.get("connections").verdict()).isEqualTo(Verdict.WARNING);
            assertThat(findings.get("connections").advice()).contains("wait-connections");
        }
    }

    @Test
    void rightsThatAreMissingAreNamed() {
        try (StoreServer server = ConsulFixture.usual().withCredentials().start()) {
            Administrator administrator = new Administrator(
                    server.node(1).endpoint(), server.credentials().adminPassword(), null);
            Policies.grant(administrator, token(1), Policies.LEAST);
            Policies.grant(administrator, token(2), "key_prefix \"holdfast/\" { policy = \"read\" }");
            Map<String, StoreFinding> least = diagnosed(server, token(1));
            assertThat(least.get("rights to keys").verdict()).isEqualTo(Verdict.OK);
            assertThat(least.get("rights to sessions").verdict()).isEqualTo(Verdict.OK);
            assertThat(least.get("version").verdict()).as("not shown to it").isEqualTo(Verdict.UNKNOWN);
            assertThat(least.get("leader").verdict()).isEqualTo(Verdict.OK);
            Map<String, StoreFinding> reader = diagnosed(server, token(2));
            assertThat(reader.get("rights to keys").verdict()).isEqualTo(Verdict.UNSAFE);
            assertThat(reader.get("rights to keys").advice()).contains("key_prefix \"holdfast/\"");
            assertThat(reader.get("rights to sessions").verdict()).isEqualTo(Verdict.UNSAFE);
        }
    }

    private static String token(int number) {
        return "5eed000" + number + "-2222-4333-8444-555566667777";
    }

    /** Without a client, which such a token could not open. */
    private static Map<String, StoreFinding> diagnosed(StoreServer server, String token) {
        LockConfig config = LockConfig.of("consul://:" + token + "@" + server.endpoints());
        OwnTransport transport = new OwnTransport(
                List.of("http://" + server.endpoints()),
                BackendConfig.of(config)::password,
                InterruptibleSockets.kinds(null, true),
                ConsulSettings.DEFAULTS);
        ConsulLine line = new ConsulLine(transport, ConsulSettings.DEFAULTS, "consul", List.of());
        try (ConsulBackend backend = new ConsulBackend(line)) {
            return bySubject(backend.diagnose().toCompletableFuture().join());
        }
    }
}
