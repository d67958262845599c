// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Recording;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contends that were answered, and whose very bytes come once more, as from a proxy that repeats what it thinks was lost. */
class LateCopyTest {
    /** The body of a transaction, and no more of what was sent on the connection. */
    private static final Pattern TRANSACTION = Pattern.compile("\\[\\{\"KV\":.*?}}]");

    private Proxied consul;
    private LockClient client;
    private LockClient other;

    @BeforeEach
    void open() {
        consul = new Proxied();
        client = LockClient.open(consul.config());
        other = LockClient.open(consul.steady());
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        other.close();
        consul.close();
    }

    @Test
    @DisplayName("UO-4: a copy of an answered contend that comes after the release creates nothing")
    void afterTheRelease() throws Exception {
        Recording recording = consul.proxy.record();
        client.acquire("n").release();
        for (int i = 0; i < 3; i++) { // the client's first contend, and later ones
            client.acquire("m" + i).release();
        }
        List<String> contends = contends(recording);
        assertThat(contends).hasSize(4);
        contends.forEach(this::createsNothing);
        other.acquire("n", Duration.ofSeconds(5)).release();
    }

    @Test
    @DisplayName("UO-4: a copy of a try that was refused creates nothing")
    void ofATry() throws Exception {
        LockHandle hold = other.acquire("n");
        Recording recording = consul.proxy.record();
        assertThat(client.tryAcquire("n")).isEmpty();
        hold.release();
        contends(recording).forEach(this::createsNothing);
        other.acquire("n", Duration.ofSeconds(5)).release();
    }

    @Test
    @DisplayName("UO-4: what was answered before an undo is not to be had after it, either")
    void aroundAnUndo() throws Exception {
        Recording recording = consul.proxy.record();
        try (LockClient flaky = LockClient.open(consul.config().with("operation-timeout", "500ms"))) {
            flaky.acquire("n").release();
            consul.proxy.replies().blackHole();
            assertThatThrownBy(() -> flaky.lock("n").tryLock(Duration.ofMillis(300)))
                    .isInstanceOf(LockException.class);
            consul.proxy.heal();
            consul.proxy.resetAll();
            flaky.acquire("n", Duration.ofSeconds(20)).release();
            await().atMost(Duration.ofSeconds(20)).until(() -> consul.line("n").isEmpty());
            flaky.acquire("n").release(); // by now nothing is undone any more
            contends(recording).forEach(this::createsNothing);
        }
    }

    private void createsNothing(String contend) {
        Administrator.Answer answer = consul.administrator.ask("PUT", "/v1/txn", contend);
        assertThat(answer.status()).as(answer.body()).isEqualTo(409);
        assertThat(consul.administrator.entries(consul.keys.root()))
                .filteredOn(entry -> consul.keys.name(entry.key()).isPresent())
                .isEmpty();
    }

    private static List<String> contends(Recording recording) {
        List<String> found = new ArrayList<>();
        for (Recording.Exchange exchange : recording.exchanges()) {
            String sent = new String(exchange.requests(), StandardCharsets.UTF_8);
            TRANSACTION
                    .matcher(sent)
                    .results()
                    .map(MatchResult::group)
                    .filter(text -> text.contains("check-not-exists") && text.contains("get-tree"))
                    .forEach(found::add);
        }
        return found;
    }
}
