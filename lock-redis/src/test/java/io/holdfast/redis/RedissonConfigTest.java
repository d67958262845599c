// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.tck.server.Servers;
import io.holdfast.tck.server.StoreKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code redisson-config}: all of Redisson's other settings by a file of its own. */
class RedissonConfigTest {
    private final String prefix = "config-" + UUID.randomUUID();

    @TempDir
    private Path directory;

    private LockConfig config(Path file) {
        return LockConfig.of("redis://" + Servers.shared(StoreKind.REDIS_7).endpoints() + "/3")
                .with("prefix", prefix)
                .with("token-retention", "0s")
                .with("redisson-config", file.toString());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("redisson.yaml"), text);
    }

    @Test
    void theFilesSettingsHoldAndTheAddressIsTheUrls() throws Exception {
        String name = "locks-" + UUID.randomUUID();
        Path file = file(String.join(
                "\n",
                "threads: 3",
                "singleServerConfig:",
                "  address: \"redis://127.0.0.1:1\"",
                "  clientName: \"" + name + "\"",
                "  database: 0",
                "  connectionMinimumIdleSize: 2",
                "  connectionPoolSize: 12",
                "  retryAttempts: 5",
                ""));
        try (Resp redis = Resp.open(Servers.shared(StoreKind.REDIS_7).node(1).address());
                LockClient client = LockClient.open(config(file))) {
            LockHandle hold = client.acquire("n");
            assertThat(redis.text("CLIENT", "LIST").lines().filter(line -> line.contains(" name=" + name + " ")))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .anyMatch(line -> line.contains(" db=3 "));
            redis.line("SELECT 3");
            assertThat(redis.number("EXISTS", LockKeys.of(prefix, "n").state())).isEqualTo(1);
            assertThat(client.tryAcquire("n")).isEmpty();
            hold.release();
        }
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() throws Exception {
        Path none = directory.resolve("none.yaml");
        assertThatThrownBy(() -> LockClient.open(config(none)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("redisson-config")
                .hasMessageContaining(none.toString());
        Path wrong = file("singleServerConfig:\n  noSuchSetting: 3\n");
        assertThatThrownBy(() -> LockClient.open(config(wrong)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("redisson-config");
        Path many = file("clusterServersConfig:\n  nodeAddresses:\n  - \"redis://127.0.0.1:7000\"\n");
        assertThatThrownBy(() -> LockClient.open(config(many)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("singleServerConfig");
    }
}
