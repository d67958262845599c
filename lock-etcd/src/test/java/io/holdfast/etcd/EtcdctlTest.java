// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real {@code etcdctl lock}, in processes of its own, and Holdfast stand in one line. */
class EtcdctlTest {
    private final String prefix = "ctl-" + UUID.randomUUID();
    private final List<Process> begun = new ArrayList<>();
    private String endpoint;
    private Etcd etcd;
    private LockClient client;

    @BeforeEach
    void open() {
        endpoint = Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint();
        etcd = Etcd.at(endpoint);
        client = LockClient.open(LockConfig.of("etcd://" + endpoint).with("prefix", prefix));
    }

    @AfterEach
    void close() throws Exception {
        for (Process process : begun) {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        client.close();
        await().untilAsserted(() -> assertThat(etcd.under(prefix)).isEmpty());
        etcd.close();
    }

    private static Path program() {
        Path installed = Path.of(System.getProperty("user.home"), ".cache", "holdfast", "servers", "bin");
        String path = System.getenv().getOrDefault("PATH", "");
        Path found = Stream.concat(
                        Stream.of(installed), Stream.of(path.split(":")).map(Path::of))
                .map(directory -> directory.resolve("etcdctl"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(found != null || "true".equals(System.getenv("CI")), "etcdctl is not installed on this machine");
        assertThat(found).as("etcdctl").isNotNull();
        return found;
    }

    /** Holds the lock for as long as its process lives, and writes its key as it gets it. */
    private Process etcdctl(String name) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(program().toString(), "--endpoints=http://" + endpoint, "lock", prefix + "/" + name);
        builder.environment().put("ETCDCTL_API", "3");
        builder.redirectErrorStream(true);
        Process process = builder.start();
        begun.add(process);
        return process;
    }

    private static boolean hasWritten(Process process) throws IOException {
        return process.getInputStream().available() > 0;
    }

    private void awaitLine(String name, int length) {
        await().until(() -> etcd.line(prefix, name).size() == length);
    }

    @Test
    void holdfastWaitsForEtcdctl() throws Exception {
        Process first = etcdctl("n");
        await().until(() -> hasWritten(first));
        assertThat(client.lock("n").tryLock()).isFalse();
        assertThat(client.lock("n").isLocked()).isTrue();
        assertThat(client.lock("n").inspect().toString()).contains("lease ");
        CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
        awaitLine("n", 2);
        assertThat(waiting).isNotDone();
        first.destroy(); // it revokes its lease
        waiting.get(20, TimeUnit.SECONDS).release();
    }

    @Test
    void etcdctlWaitsForHoldfast() throws Exception {
        LockHandle hold = client.acquire("n");
        Process second = etcdctl("n");
        awaitLine("n", 2);
        assertThat(hasWritten(second)).isFalse();
        hold.release();
        await().until(() -> hasWritten(second));
        byte[] key = new byte[200];
        InputStream written = second.getInputStream();
        assertThat(new String(key, 0, written.read(key), StandardCharsets.UTF_8))
                .startsWith(prefix + "/n/");
    }

    @Test
    void theyHoldInTheOrderInWhichTheyCame() throws Exception {
        LockHandle hold = client.acquire("n");
        Process second = etcdctl("n");
        awaitLine("n", 2);
        try (LockClient other =
                LockClient.open(LockConfig.of("etcd://" + endpoint).with("prefix", prefix))) {
            CompletableFuture<LockHandle> third = other.acquireAsync("n").toCompletableFuture();
            awaitLine("n", 3);
            Process fourth = etcdctl("n");
            awaitLine("n", 4);
            hold.release();
            await().until(() -> hasWritten(second));
            assertThat(third).isNotDone();
            second.destroy();
            LockHandle held = third.get(20, TimeUnit.SECONDS);
            assertThat(hasWritten(fourth)).isFalse();
            held.release();
            await().until(() -> hasWritten(fourth));
        }
    }
}
