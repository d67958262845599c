// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.StoreFinding.Verdict;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Keys and values of others under our prefix: they hide nothing and stop nobody, and a diagnosis tells of them (rules IN-2, IN-4). */
class ForeignDataTest {
    /** As large as Consul takes. */
    private static final String HUGE = "x".repeat(512 * 1024);

    private static final int MANY = 60;

    private final Proxied consul = new Proxied();

    @AfterEach
    void end() {
        consul.administrator.delete(consul.keys.root() + "?recurse");
        consul.close();
    }

    @Test
    @DisplayName("IN-2: huge and foreign entries make no other name fail, and doctor tells of them")
    void foreignEntries() throws Exception {
        String root = consul.keys.root();
        for (int i = 0; i < MANY; i++) {
            consul.administrator.put(root + "blob" + i, HUGE);
        }
        consul.administrator.put(root + "line/" + UUID.randomUUID() + "-1", HUGE);
        consul.administrator.put(root + "~zz/x", "");
        consul.administrator.put(root + "a/b/c", "");
        consul.administrator.put(root + "~session/none", "");
        try (LockClient client = LockClient.open(consul.steady().with("wait-connections", "0"));
                LockClient other = LockClient.open(consul.steady())) {
            LockHandle hold = other.acquire("n", Duration.ofSeconds(10));
            CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
            assertThat(client.list()).extracting(LockInfo::name).containsExactly("n");
            assertThat(client.lock("n").inspect().isHeld()).isTrue();
            assertThat(client.lock("line").inspect().isHeld()).isFalse();
            assertThat(client.diagnose())
                    .filteredOn(one -> one.subject().equals("entries of others"))
                    .singleElement()
                    .satisfies(one -> {
                        assertThat(one.verdict()).isEqualTo(Verdict.WARNING);
                        assertThat(one.seen()).startsWith(MANY + 3 + " of ");
                    });
            hold.release();
            waiting.get(30, TimeUnit.SECONDS).release();
        }
    }
}
