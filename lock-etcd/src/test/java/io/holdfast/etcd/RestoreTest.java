// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup that is put back while the clients live: what came back with it is nobody's, though its lease could be renewed. */
@SuppressWarnings("try") // close of a process waits, and may be interrupted
class RestoreTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    @TempDir
    Path directory;

    @Test
    @DisplayName("ME-9: a contender that came back with a backup is not renewed for ever")
    void aHoldThatWasReleasedAfterTheBackupDoesNotComeBack() throws Exception {
        try (Member server = new Member(directory, "m1").start();
                LockClient client = client(server);
                LockClient other = client(server)) {
            LockHandle hold = client.acquire("n");
            server.kill();
            server.backUpTo(directory.resolve("backup"));
            server.start();
            hold.release();
            try (Etcd etcd = Etcd.at(server.endpoint())) {
                await().ignoreExceptions().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                etcd.line("holdfast", "n"))
                        .as("what is released, now or in the background, while the server comes back")
                        .isEmpty());
            }
            for (int i = 0; i < 20; i++) { // both have seen more than what others may write until the next renewal
                other.acquire("m" + i, Duration.ofSeconds(20)).release();
                client.acquire("m" + i, Duration.ofSeconds(20)).release();
            }
            server.kill();
            server.restoreFrom(directory.resolve("backup"));
            server.start();
            try (Etcd etcd = Etcd.at(server.endpoint())) {
                await().ignoreExceptions().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                etcd.line("holdfast", "n"))
                        .as("what came back, until the next renewal")
                        .isEmpty());
            }
            assertThat(client.acquire("x", Duration.ofSeconds(20)).isValid()).isTrue();
            assertThat(client.metrics().sessions()).isEqualTo(2);
        }
    }

    /** Followers lag behind in what they answer to keep-alives; that is no evidence. */
    @Test
    @DisplayName("ME-9: no member's being behind is taken for a backup")
    void renewalsThroughEveryMemberOfABusyClusterLoseNothing() throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().nodes(3).start();
                LockClient client = LockClient.open(
                        LockConfig.of("etcd://" + server.endpoints()).withLease(Duration.ofSeconds(2)));
                LockClient busy = LockClient.open("etcd://" + server.endpoints())) {
            LockHandle hold = client.acquire("n");
            long until = client.metrics().renewals() + 20;
            while (client.metrics().renewals() < until) {
                busy.acquire("m").release();
            }
            assertThat(hold.isValid()).isTrue();
            assertThat(client.metrics().sessions()).isEqualTo(1);
            assertThat(busy.metrics().sessions()).isEqualTo(1);
        }
    }

    private static LockClient client(Member server) {
        return LockClient.open(LockConfig.of("etcd://" + server.endpoint()).withLease(LEASE));
    }
}
