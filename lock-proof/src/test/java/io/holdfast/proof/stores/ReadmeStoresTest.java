// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.DurationFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** README's table of the stores is what clients of them declare, with the default settings on servers as they come. */
class ReadmeStoresTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    /** "+ 2 s", "`tick`" and "`crash-grace`, 2 s by default": a setting counts with the default that the table or its page has. */
    private static final Pattern TERM =
            Pattern.compile("(?:^|\\+ )`[a-z-]+`(?:, ([0-9.]+) s by default)?|\\+ ([0-9.]+) s");

    private static final Duration TICK = Duration.ofSeconds(2);

    @ParameterizedTest
    @CsvSource({
        "REDIS_7, redis://%s, Redis",
        "ETCD_3_4, etcd://%s, etcd",
        "CONSUL_1_8, consul://%s, Consul",
        "ZOOKEEPER_3_9, zookeeper://%s, ZooKeeper",
        "POSTGRESQL_15, jdbc:postgresql://%s/postgres?create-table=true&user=root, SQL"
    })
    void aServerAsItComes(StoreKind kind, String url, String row) throws IOException {
        try (StoreServer server = kind.spec().start()) {
            isAsDeclared(String.format(url, server.endpoints()), row);
        }
    }

    @Test
    void files(@TempDir Path directory) throws IOException {
        isAsDeclared("file:" + directory, "files");
    }

    @Test
    void memory() throws IOException {
        try (LockClient client = LockClient.open("memory:readme")) {
            assertThat(cells("one JVM"))
                    .element(4)
                    .asString()
                    .contains("class " + client.capabilities().guarantee());
        }
    }

    private static void isAsDeclared(String url, String row) throws IOException {
        List<String> cells = cells(row);
        try (LockClient client = LockClient.open(LockConfig.of(url).withLease(LEASE))) {
            Capabilities facts = client.capabilities();
            assertThat(cells.get(4)).containsPattern("class( A or)? " + facts.guarantee());
            assertThat(bound(cells.get(5)))
                    .as("\"%s\" with a lease of %s", cells.get(5), DurationFormat.show(LEASE))
                    .isEqualTo(facts.takeoverBound(LEASE));
        }
    }

    private static Duration bound(String cell) {
        Duration sum = cell.startsWith("twice the lease")
                ? LEASE.multipliedBy(2)
                : cell.startsWith("lease") ? LEASE : Duration.ZERO;
        Matcher term = TERM.matcher(cell);
        while (term.find()) {
            String seconds = term.group(1) == null ? term.group(2) : term.group(1);
            sum = sum.plus(seconds == null ? TICK : Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000)));
        }
        return sum;
    }

    /** The first is before the line's first bar, and empty. */
    private static List<String> cells(String row) throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../README.md")).stream()
                .filter(line -> line.startsWith("| " + row))
                .toList();
        assertThat(rows).as("rows of %s", row).hasSize(1);
        return List.of(rows.get(0).split("\\|", -1)).stream().map(String::strip).toList();
    }
}
