// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

    /** What people write, and what they are told: never what stands in the line. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "singleServerConfig:\n  conectionPoolSize: 4\n",
                        "line 2: 'conectionPoolSize'",
                        "'connectionPoolSize'"),
                Arguments.of("thread: 4\n", "line 1: 'thread'", "nearest is 'threads'"),
                Arguments.of("threads: ${THREADS:-16}\n", "line 1: 'threads'", "placeholder"),
                Arguments.of("singleServerConfig:\n\tclientName: x\n", "line 2:", "tab"),
                Arguments.of("spring:\n  redis:\n    redisson: {}\n", "line 2: 'spring'", "file of its own"),
                Arguments.of("threads: !!java.lang.Integer 3\n", "line 1: 'threads'", "without a tag"),
                Arguments.of("threads: PLANTED\n", "line 1: 'threads'", "whole number from 1"),
                Arguments.of("threads: 0\n", "line 1: 'threads'", "whole number from 1"),
                Arguments.of("tcpNoDelay: perhaps\n", "line 1: 'tcpNoDelay'", "true or false"),
                Arguments.of("threads: 1\nthreads: 2\n", "line 2: 'threads'", "twice"),
                Arguments.of("password: PLANTED\n", "line 1: 'password'", "'password-file'"),
                Arguments.of("singleServerConfig:\n  password: PLANTED\n", "line 2: 'password'", "'password-file'"),
                Arguments.of("sslTruststore: file:/PLANTED\n", "line 1: 'sslTruststore'", "'tls.ca'"),
                Arguments.of(
                        "clusterServersConfig:\n  nodeAddresses: [PLANTED]\n",
                        "'clusterServersConfig'",
                        "singleServerConfig"),
                Arguments.of("PLANTED\n", "line 1:", "name: value"),
                Arguments.of("a: [PLANTED\n", "line 2:", "not YAML"),
                Arguments.of("#" + "x".repeat(70_000), "redisson.yaml", "64 KiB"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsToldByItsLineAndWhatToWrite(String text, String where, String what) throws Exception {
        Path file = file(text);
        assertThatThrownBy(() -> LockClient.open(config(file)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("redisson-config")
                .hasMessageContaining(where)
                .hasMessageContaining(what)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("PLANTED"));
    }

    @Test
    void aFileThatIsNoneIsNamed() {
        for (Path none : List.of(directory.resolve("none.yaml"), directory, Path.of("/dev/zero"))) {
            assertThatThrownBy(() -> LockClient.open(config(none)))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("redisson-config")
                    .hasMessageContaining(none.toString());
        }
    }

    /** Its constructor is what a hostile file would call. */
    public static final class Trap {
        static final AtomicInteger SPRUNG = new AtomicInteger();

        /** Called by whoever makes objects of a file. */
        public Trap() {
            SPRUNG.incrementAndGet();
        }
    }

    /** What locks do not use is passed over, and what it names is made by nobody. */
    @Test
    void whatLocksDoNotUseRunsNothing() throws Exception {
        String trap = "!!" + Trap.class.getName() + " {}";
        Path file = file(String.join(
                "\n",
                "codec: " + trap,
                "nettyHook: " + trap,
                "nameMapper: !<org.redisson.config.NoSuchMapper> {}",
                "transportMode: \"NIO\"",
                "lockWatchdogTimeout: 30000",
                "useScriptCache: true",
                "password: null",
                "singleServerConfig:",
                "  retryInterval: 1500",
                "  timeout: 3000",
                "  address: \"${REDIS:-redis://127.0.0.1:1}\"",
                "  nameMapper: " + trap,
                ""));
        try (LockClient client = LockClient.open(config(file))) {
            client.acquire("n").release();
        }
        assertThat(Trap.SPRUNG).hasValue(0);
    }

    /** Two programs in two databases exclude nobody. */
    @Test
    void aDatabaseThatTheUrlDoesNotNameIsRefused() throws Exception {
        Path file = file("singleServerConfig:\n  address: x\n  database: 3\n");
        LockConfig config = LockConfig.of(
                        "redis://" + Servers.shared(StoreKind.REDIS_7).endpoints())
                .with("redisson-config", file.toString());
        assertThatThrownBy(() -> LockClient.open(config))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("line 3: 'database'")
                .hasMessageContaining("redis://localhost:6379/3");
        LockClient.open(config(file)).close(); // the same one in the URL
    }
}
