// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A session ends at once with its agent's node; the hold that it kept does not, and nobody else may have the lock before. */
class AgentLeavesTest {
    private static final Duration LEASE = Duration.ofSeconds(10);

    /** Consul measures a lease anew, and takes up to twice its time; twice, when it had not noticed the first end either. */
    private static final Duration BOUND = LEASE.multipliedBy(2).plusSeconds(20);

    private static final String NODE = "app-1";

    private final String prefix = "t-" + UUID.randomUUID();
    private final LockKeys keys = new LockKeys(prefix);
    private StoreServer server;
    private ClientAgent agent;
    private TcpProxy proxy;
    private Administrator administrator;
    private LockClient holder;
    private LockHandle hold;
    private CompletableFuture<Void> ending = CompletableFuture.completedFuture(null);

    @BeforeEach
    void hold() throws Exception {
        server = ConsulFixture.usual()
                .durable()
                .line(ConsulFixture.SHORT_SESSIONS)
                .start();
        agent = ClientAgent.of(server, NODE);
        administrator = Administrator.of(server);
        proxy = TcpProxy.to(agent.address());
        holdFor(LEASE);
    }

    private void holdFor(Duration lease) throws Exception {
        holder = LockClient.open(
                config(proxy.endpoint()).with("close-timeout", "1s").withLease(lease));
        hold = holder.acquire("n");
    }

    @AfterEach
    void end() {
        ending.join();
        holder.close();
        proxy.close();
        agent.close();
        server.close();
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("consul://" + endpoint)
                .with("prefix", prefix)
                .with("session-ttl-min", "1s")
                .withLease(LEASE);
    }

    private LockClient other() {
        return LockClient.open(config(server.endpoints()));
    }

    private void sessionEnds(Runnable cause) {
        String session = administrator.entries(keys.line("n")).get(0).session();
        ending = CompletableFuture.runAsync(cause);
        await().atMost(Duration.ofSeconds(20)).until(() -> administrator.sessions().stream()
                .noneMatch(one -> one.get("ID").getAsString().equals(session)));
        assertThat(hold.isValid()).as("its lease lasts longer than its session").isTrue();
    }

    /** What a waiter finds at the moment when it comes to hold. */
    private CompletableFuture<Boolean> isValidWhenGranted(LockClient waiter) {
        CompletableFuture<Boolean> valid = new CompletableFuture<>();
        waiter.acquireAsync("n").whenComplete((next, failure) -> {
            boolean beside = hold.isValid();
            if (failure != null) {
                valid.completeExceptionally(failure);
            } else {
                next.release();
                valid.complete(beside);
            }
        });
        return valid;
    }

    private void inLine(int count) {
        await().until(() -> administrator.entries(keys.line("n")).size() == count);
    }

    /** What died goes with the next client that meets it (rule LK-1): those of the test may have closed before they could sweep. */
    private void nothingIsLeft() {
        LockClient next = other();
        try {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(administrator.entries(keys.root()))
                    .noneMatch(KeyEntry::isDead));
        } finally {
            next.close();
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(administrator.entries(keys.root()))
                .isEmpty());
    }

    @Test
    @DisplayName("ME-7: an agent that is told to stop takes its sessions along, and no lock")
    void aWaiterDoesNotHoldBesideAHolderWhoseAgentStopped() throws Exception {
        try (LockClient other = other()) {
            CompletableFuture<Boolean> valid = isValidWhenGranted(other);
            inLine(2);
            sessionEnds(agent::terminate);
            assertThat(valid.get(BOUND.toSeconds(), TimeUnit.SECONDS))
                    .as("the old hold is valid beside the next one")
                    .isFalse();
        }
        nothingIsLeft();
    }

    @Test
    @DisplayName("ME-7: a holder that is cut off from Consul is waited for, too")
    void aWaiterDoesNotHoldBesideAHolderThatDoesNotHearOfItsEnd() throws Exception {
        try (LockClient other = other()) {
            CompletableFuture<Boolean> valid = isValidWhenGranted(other);
            inLine(2);
            proxy.requests().blackHole();
            sessionEnds(() -> deregister(NODE));
            assertThat(valid.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isFalse();
        }
        nothingIsLeft();
    }

    @Test
    @DisplayName("ME-7: who comes after the session has ended waits as well")
    void aNewcomerDoesNotHoldBesideAHolderWhoseNodeWasDeregistered() throws Exception {
        sessionEnds(() -> deregister(NODE));
        try (LockClient other = other()) {
            assertThat(other.tryAcquire("n")).isEmpty();
            assertThat(hold.isValid()).as("while it was tried").isTrue();
            assertThat(other.lock("n").inspect().isHeld()).isTrue();
            CompletableFuture<Boolean> valid = isValidWhenGranted(other);
            assertThat(valid.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    @DisplayName("ME-7: a waiter whose session ends with its node is granted nothing")
    void aWaiterWhoseNodeWasDeregisteredDoesNotHoldBesideTheNextOne() throws Exception {
        hold.release();
        holder.close();
        holder = other();
        hold = holder.acquire("n");
        // No renewal comes that would tell, too.
        LockConfig steady =
                config(agent.endpoint()).withLease(Duration.ofMinutes(2)).with("close-timeout", "1s");
        try (LockClient second = LockClient.open(steady);
                LockClient third = other()) {
            CompletableFuture<LockHandle> dead = second.acquireAsync("n").toCompletableFuture();
            inLine(2);
            CompletableFuture<LockHandle> next = third.acquireAsync("n").toCompletableFuture();
            inLine(3);
            deregister(NODE);
            inLine(2);
            hold.release();
            LockHandle valid = next.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            await().during(Duration.ofMillis(500)).until(() -> !dead.isDone() || !valid.isValid());
            valid.release();
            dead.cancel(true);
        }
    }

    private void deregister(String node) {
        administrator.ask("PUT", "/v1/catalog/deregister", "{\"Node\":\"" + node + "\"}");
    }

    @Test
    @DisplayName("ME-7: a release frees at once, also when the session has ended before")
    void aReleaseAfterTheSessionsEndFreesAtOnce() throws Exception {
        try (LockClient other = other()) {
            CompletableFuture<Boolean> valid = isValidWhenGranted(other);
            inLine(2);
            sessionEnds(() -> deregister(NODE));
            hold.release();
            assertThat(valid.get(LEASE.toMillis() / 2, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    @DisplayName("ME-7: force frees at once")
    void forceFreesAtOnce() throws Exception {
        try (LockClient other = other()) {
            sessionEnds(agent::terminate);
            CompletableFuture<Boolean> valid = isValidWhenGranted(other);
            inLine(2);
            other.lock("n").forceUnlock();
            valid.get(LEASE.toMillis() / 2, TimeUnit.MILLISECONDS);
        }
    }

    /** Nobody waits: each try is of a client of its own, as of a program that runs once a minute. */
    @Test
    @DisplayName("ME-7: tries alone come to hold, too")
    void triesOfClientsThatComeAndGoHoldWhenTheLeaseIsOver() throws Exception {
        proxy.requests().blackHole();
        sessionEnds(agent::terminate);
        await().atMost(BOUND).until(() -> {
            try (LockClient other = other()) {
                return other.tryAcquire("n")
                        .map(next -> {
                            assertThat(hold.isValid()).isFalse();
                            next.release();
                            return true;
                        })
                        .orElse(false);
            }
        });
        nothingIsLeft();
    }

    @Test
    @DisplayName("ME-7: the node of the one who was to see the lease end leaves as well")
    void aSecondNodeThatLeavesEndsNoLeaseEither() throws Exception {
        hold.release();
        holder.close();
        holdFor(Duration.ofMinutes(2)); // nothing of what follows may end by time
        try (ClientAgent second = ClientAgent.of(server, "app-2");
                LockClient other = LockClient.open(config(second.endpoint()).with("close-timeout", "1s"));
                LockClient third = other()) {
            sessionEnds(agent::terminate);
            assertThat(other.tryAcquire("n")).isEmpty();
            String measures = administrator.entries(keys.line("n")).get(0).session();
            deregister("app-2");
            await().until(() -> administrator.entries(keys.line("n")).get(0).isDead());
            assertThat(third.tryAcquire("n")).isEmpty();
            assertThat(hold.isValid()).as("while it was tried").isTrue();
            assertThat(administrator.entries(keys.line("n")).get(0).session())
                    .as("its lease is measured anew")
                    .isNotEmpty()
                    .isNotEqualTo(measures);
        }
    }
}
