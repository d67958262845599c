// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Keys and values of others under our prefix: they hide nothing and stop nobody, and a diagnosis tells of them (rule IN-2). */
class ForeignDataTest {
    /** Five of them are more than an answer may be. */
    private static final byte[] HUGE = new byte[1_000_000];

    private final String prefix = "foreign-" + UUID.randomUUID();
    private final String endpoint = Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint();
    private Client etcd;

    @BeforeEach
    void connect() {
        etcd = Client.builder().endpoints("http://" + endpoint).build();
    }

    @AfterEach
    void leaveNothing() throws Exception {
        etcd.getKVClient()
                .delete(
                        LockKeys.bytes(prefix + "/"),
                        DeleteOption.builder().isPrefix(true).build())
                .get(60, TimeUnit.SECONDS);
        etcd.close();
    }

    private void put(String key, byte[] value) throws Exception {
        etcd.getKVClient()
                .put(LockKeys.bytes(prefix + "/" + key), ByteSequence.from(value))
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("IN-2: huge and foreign entries make no other name fail, and doctor tells of them")
    void foreignEntries() throws Exception {
        for (int i = 0; i < 5; i++) {
            put("blob" + i, HUGE);
        }
        put("line/blob", HUGE);
        put("%zz/x", new byte[] {(byte) 0xff});
        put("a/b/c", new byte[0]);
        put("", new byte[] {1});
        try (LockClient client = LockClient.open(
                LockConfig.of("etcd://" + endpoint).with("prefix", prefix).withLease(Duration.ofSeconds(20)))) {
            LockHandle hold = client.acquire("n", Duration.ofSeconds(10));
            assertThat(client.list()).extracting(LockInfo::name).contains("n", "line");
            assertThat(client.lock("n").inspect().isHeld()).isTrue();
            assertThat(client.lock("line").inspect().contenders()).isEqualTo(1);
            List<StoreFinding> found = client.diagnose();
            assertThat(found)
                    .filteredOn(one -> one.subject().equals("entries of others"))
                    .singleElement()
                    .satisfies(one -> {
                        assertThat(one.verdict()).isEqualTo(Verdict.WARNING);
                        assertThat(one.seen()).startsWith("9 of ");
                    });
            hold.release();
        }
    }
}
