// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that are true and say less than they seem to: repeated, told by a leader that is behind, or of a node that came back. */
class DoubtfulAnswersTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final String NOWHERE = "no-such-node";

    private final Proxied consul = new Proxied();

    @AfterEach
    void end() {
        consul.administrator.entries(consul.keys.root()).forEach(left -> consul.administrator.delete(left.key()));
        consul.close();
    }

    private LockConfig through(Relay relay) {
        return LockConfig.of("consul://" + relay.endpoint())
                .with("prefix", consul.prefix)
                .with("session-ttl-min", "1s")
                .withLease(LEASE);
    }

    /** First in line, of a session that is over, and of which nobody knows whether it ended by its time. */
    private void aDeadHolder(String node, long born, Duration lease) {
        Mark mark = new Mark(1, lease, Mark.Life.of(born, node), "the dead one");
        consul.administrator.put(consul.keys.contender("n", UUID.randomUUID().toString(), 0), mark.text());
    }

    private KeyEntry first() {
        return consul.line("n").get(0);
    }

    /** ME-7: what was done, and is refused when it is asked again, is not taken back. */
    @Test
    void aLeaseThatConsulMeasuresGoesOnWhenARepeatedCopyWasRefused() throws Exception {
        aDeadHolder(NOWHERE, 1, LEASE);
        AtomicInteger refused = new AtomicInteger();
        Relay twice = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                Administrator.Answer answer = super.pass(method, path, body);
                if (body.contains("\"check-index\"") && body.contains(first().key()) && answer.status() == 200) {
                    refused.incrementAndGet();
                    return super.pass(method, path, body);
                }
                return answer;
            }
        };
        try (twice;
                LockClient client = LockClient.open(through(twice))) {
            assertThat(client.tryAcquire("n")).isEmpty();
            assertThat(refused.get()).isPositive();
            assertThat(first().isDead()).as("its lease is not measured").isFalse();
        }
    }

    /** ME-7: Consul keeps a node's CreateIndex when it is renamed, and ends the sessions of its old name. */
    @Test
    void aNodeThatWasRenamedAwayAndBackHasNotBeenThereAllTheTime() throws Exception {
        String id = UUID.randomUUID().toString();
        String node = "renamed-" + id;
        try {
            register(id, node);
            consul.administrator.put(consul.keys.root() + "now", "");
            long born = consul.administrator.entries(consul.keys.root()).get(0).created();
            aDeadHolder(node, born, LEASE);
            register(id, node + "-b");
            register(id, node);
            try (LockClient client = LockClient.open(consul.steady())) {
                assertThat(client.tryAcquire("n"))
                        .as("beside who may still hold")
                        .isEmpty();
            }
            assertThat(first().isDead()).isFalse();
        } finally {
            consul.administrator.ask("PUT", "/v1/catalog/deregister", "{\"Node\":\"" + node + "\"}");
        }
    }

    private void register(String id, String node) {
        String body = "{\"ID\":\"" + id + "\",\"Node\":\"" + node + "\",\"Address\":\"127.0.0.9\"}";
        Administrator.Answer answer = consul.administrator.ask("PUT", "/v1/catalog/register", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** KE-2: a leader that still replays its log does not know the newest sessions, and says 404. */
    @Test
    void aRenewalThatFindsNoSessionLosesNothingWhileItsKeyIsHeld() throws Exception {
        AtomicInteger denied = new AtomicInteger();
        Relay behind = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean first = path.contains("/session/renew/") && denied.incrementAndGet() <= 1;
                return first ? new Administrator.Answer(404, "Session id not found") : super.pass(method, path, body);
            }
        };
        try (behind;
                LockClient client = LockClient.open(through(behind).withLease(Duration.ofSeconds(6)))) {
            LockHandle hold = client.acquire("n");
            await().atMost(Duration.ofSeconds(30)).until(() -> denied.get() >= 3);
            assertThat(client.metrics().lost()).isZero();
            assertThat(hold.isValid()).isTrue();
            hold.release();
        }
    }

    /** The lease of a client that was set up before the servers' session_ttl_min was raised. */
    @Test
    void aDeadContendersLeaseThatTheServersTakeNoMoreShutsNothing() throws Exception {
        aDeadHolder(NOWHERE, 1, Duration.ofMillis(100));
        try (LockClient client = LockClient.open(consul.steady())) {
            assertThat(client.tryAcquire("n")).isEmpty();
        }
        assertThat(first().isDead()).isFalse();
    }

    /** The same where the client's settings do not know of it either: the lease that its own session has is one that they take. */
    @Test
    void aDeadContendersLeaseThatTheSettingsTakeForGoodShutsNothing() throws Exception {
        aDeadHolder(NOWHERE, 1, Duration.ofMillis(100));
        try (LockClient client = LockClient.open(consul.steady().with("session-ttl-min", "50ms"))) {
            assertThat(client.tryAcquire("n")).isEmpty();
        }
        assertThat(first().isDead()).isFalse();
    }

    /** LK-1: a sweep that looked too early leaves the dead one's key to the next; who has met its end meanwhile is the next. */
    @Test
    void whatASweepLeavesIsTakenUpByTheOneThatWasAskedForMeanwhile() throws Exception {
        String dead = UUID.randomUUID().toString();
        String guard = consul.keys.session(dead);
        consul.administrator.put(guard, "the dead one");
        Mark mark = new Mark(1, Duration.ofSeconds(1), Mark.Life.of(1, NOWHERE), "the dead one");
        consul.administrator.put(consul.keys.contender("n", dead, 0), mark.text());
        CountDownLatch looked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Relay slow = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                if (body.contains("\"unlock\"") && body.contains(guard)) {
                    looked.countDown();
                    awaitUninterruptibly(goOn);
                }
                return super.pass(method, path, body);
            }
        };
        try (slow;
                LockClient client = LockClient.open(through(slow))) {
            assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
            client.acquire("n", Duration.ofSeconds(20)).release();
            goOn.countDown();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> consul.administrator.entries(guard).isEmpty());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
