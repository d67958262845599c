// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.KeyValue;
import io.holdfast.FencingRegressionException;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that comes back with less than it had: holds are lost, the next is of a new session, and a lower token is refused. */
class DataLossTest {
    private StoreServer server;
    private Etcd etcd;

    @BeforeEach
    void start() {
        server = StoreKind.ETCD_3_5.spec().durable().start();
        etcd = Etcd.at(server.node(1).endpoint());
        for (int i = 0; i < 50; i++) { // revisions that the server will not soon reach again
            etcd.put("else/" + i, "x", 0);
        }
    }

    @AfterEach
    void end() {
        etcd.close();
        server.close();
    }

    private LockClient client(Duration lease) {
        return LockClient.open(LockConfig.of("etcd://" + server.endpoints()).withLease(lease));
    }

    private static void isOverAndItsTokenIsNotReached(LockClient client, LockHandle hold) throws Exception {
        LockHandle other = client.acquire("another", Duration.ofSeconds(20));
        assertThat(other.isValid()).isTrue();
        assertThat(client.metrics().sessions()).isEqualTo(2);
        await().atMost(Duration.ofSeconds(6)).until(() -> !hold.isValid());
        assertThatThrownBy(() -> client.acquire("n", Duration.ofSeconds(20)))
                .isInstanceOf(FencingRegressionException.class);
        other.release();
    }

    @Test
    void aWipedServerLosesTheHolds() throws Exception {
        try (LockClient client = client(Duration.ofSeconds(6))) {
            LockHandle hold = client.acquire("n");
            server.restartWithoutData();
            await().atMost(Duration.ofSeconds(6)).until(() -> !hold.isValid());
            isOverAndItsTokenIsNotReached(client, hold);
        }
    }

    /** As from an old snapshot: the session is there, with a key older than the client knows. Every contend would be refused. */
    @Test
    void aServerWhoseDataWentBackEndsTheSession() throws Exception {
        try (LockClient client = client(Duration.ofMinutes(5))) { // no renewal helps out
            LockHandle hold = client.acquire("n");
            KeyValue session = etcd.under("holdfast/%session/").get(0);
            server.restartWithoutData();
            grant(session.getLease());
            await().ignoreExceptions().until(() -> {
                etcd.put(LockKeys.text(session.getKey()), "old", session.getLease());
                return true;
            });
            isOverAndItsTokenIsNotReached(client, hold);
        }
    }

    /** A lease with a number of ours, which jetcd cannot ask for. */
    private void grant(long id) throws Exception {
        URI uri = URI.create("http://" + server.endpoints() + "/v3/lease/grant");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .POST(HttpRequest.BodyPublishers.ofString("{\"TTL\":300,\"ID\":\"" + id + "\"}"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .body())
                .contains(Long.toString(id));
    }
}
