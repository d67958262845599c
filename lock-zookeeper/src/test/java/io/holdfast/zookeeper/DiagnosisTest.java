// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@code holdfast doctor} says of a server with a tick of 500 ms. */
class DiagnosisTest {
    private final StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
    private final String prefix = "doctor-" + UUID.randomUUID();

    private Map<String, StoreFinding> diagnose(String userInfo, String settings) {
        LockConfig config = LockConfig.of("zk://" + userInfo + server.endpoints() + "?prefix=" + prefix + settings);
        try (LockClient client = LockClient.open(config)) {
            List<StoreFinding> findings = client.diagnose();
            return findings.stream().collect(Collectors.toMap(StoreFinding::subject, Function.identity()));
        }
    }

    @Test
    void oneServerForEverybodyIsWorthAWarning() {
        Map<String, StoreFinding> found = diagnose("", "&tick=500ms");
        assertThat(found.get("ensemble").verdict()).isEqualTo(Verdict.WARNING);
        assertThat(found.get("who may write").verdict()).isEqualTo(Verdict.WARNING);
        assertThat(found.get("session").verdict()).isEqualTo(Verdict.OK);
        assertThat(found.get("latency").verdict()).isNotEqualTo(Verdict.UNKNOWN);
        assertThat(found.get("tick").verdict()).isEqualTo(Verdict.OK);
        assertThat(found.get("transport").verdict()).isEqualTo(Verdict.OK);
        assertThat(found.get("server " + server.endpoints()).seen()).contains("standalone", "version 3.9.", "watches");
    }

    /** Every finding has its row on the page, and every row but those of what is not there a finding. */
    @Test
    void thePageHasEveryFinding() throws Exception {
        String page = Files.readString(Path.of("../docs/backends/zookeeper.md"));
        Set<String> rows = Pattern.compile("(?m)^\\| ([a-z][A-Za-z: ]+) \\|")
                .matcher(page.substring(page.indexOf("## `holdfast doctor"), page.indexOf("## TLS")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
        Set<String> found = diagnose("", "&tick=500ms").keySet().stream()
                .map(subject -> subject.startsWith("server ") ? "server HOST:PORT" : subject)
                .collect(Collectors.toSet());
        assertThat(rows).containsAll(found);
        rows.removeAll(found);
        assertThat(rows).containsExactly("password file");
    }

    @Test
    void aTickBelowTheServersIsUnsafe() {
        StoreFinding tick = diagnose("", "&tick=400ms").get("tick");
        assertThat(tick.verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(tick.advice()).contains("tick=500ms");
    }

    @Test
    void nodesOfOneUserAreAsTheyShouldBe() {
        assertThat(diagnose("app:pw@", "&tick=500ms").get("who may write").verdict())
                .isEqualTo(Verdict.OK);
    }
}
