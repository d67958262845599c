// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule LK-1: what the dead have left goes, and what a client writes while it closes. */
class SweepTest {
    private static final String ELECTION = "rpc error making call: leadership lost while committing log";

    private final Proxied consul = new Proxied();

    @AfterEach
    void end() {
        consul.close();
    }

    /** Requests go to Consul by a test's own rules. */
    private abstract class Way extends Relay {
        Way() throws IOException {
            super(consul.administrator, Mood.WAKES_FOR_NOTHING);
        }

        LockConfig config() {
            return LockConfig.of("consul://" + endpoint())
                    .with("prefix", consul.prefix)
                    .with("session-ttl-min", "1s")
                    .with("operation-timeout", "2s")
                    .withLease(Duration.ofSeconds(6));
        }
    }

    private List<String> left() {
        return consul.administrator.entries(consul.keys.root()).stream()
                .map(KeyEntry::key)
                .toList();
    }

    @Test
    @DisplayName("LK-1: a sweep that fails half-way is gone on with while its client lives")
    void aSweepThatFailsHalfWayGoesOn() throws Exception {
        String dead = UUID.randomUUID().toString();
        consul.administrator.put(consul.keys.session(dead), "the dead one");
        consul.administrator.put(consul.keys.journal(dead), "1");
        consul.administrator.put(consul.keys.lane(dead, 0), "1");
        AtomicBoolean failed = new AtomicBoolean();
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean looksAtAll = path.startsWith("/v1/kv/" + consul.keys.root() + "?");
                return looksAtAll && failed.compareAndSet(false, true)
                        ? new Administrator.Answer(500, ELECTION)
                        : super.pass(method, path, body);
            }
        };
        try (way;
                LockClient client = LockClient.open(way.config())) {
            await().atMost(Duration.ofSeconds(20)).untilTrue(failed);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(left()).noneMatch(key -> key.contains(dead)));
            assertThat(client.metrics().sessions()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("LK-1: a client that closes at once has swept: what it took over would tell nobody any more")
    void aClientThatClosesAtOnce() throws Exception {
        String dead = UUID.randomUUID().toString();
        consul.administrator.put(consul.keys.session(dead), "the dead one");
        consul.administrator.put(consul.keys.journal(dead), "1");
        CountDownLatch ended = new CountDownLatch(1);
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                if (body.contains("\"lock\"") && body.contains(consul.keys.session(dead))) {
                    passedWithin(
                            ended,
                            Duration.ofSeconds(1)); // a client that does not wait for its sweep has ended by then
                }
                if (path.contains("/v1/session/destroy/")) {
                    ended.countDown();
                }
                return super.pass(method, path, body);
            }
        };
        try (way) {
            LockClient.open(way.config()).close();
            assertThat(left()).isEmpty();
        }
    }

    /** Until when a release is held up that its client has sent again meanwhile. */
    private enum Until {
        THE_KEYS_ARE_DELETED,
        THE_SESSION_IS_ENDED,
        ALL_IS_DONE
    }

    @ParameterizedTest
    @EnumSource(Until.class)
    @DisplayName("LK-1: whenever an overtaken release comes, no journal is left")
    void aReleaseThatComesWhileItsClientCloses(Until until) throws Exception {
        CountDownLatch mayCome = new CountDownLatch(1);
        AtomicBoolean held = new AtomicBoolean();
        AtomicInteger came = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean release = body.contains("delete-cas") && body.contains("-journal");
                if (release && held.compareAndSet(false, true)) {
                    passed(mayCome);
                    Administrator.Answer answer = super.pass(method, path, body);
                    came.incrementAndGet();
                    return answer;
                }
                Administrator.Answer answer = super.pass(method, path, body);
                boolean now =
                        switch (until) {
                            case THE_KEYS_ARE_DELETED -> body.contains("\"delete\"");
                            case THE_SESSION_IS_ENDED -> path.contains("/v1/session/destroy/");
                            case ALL_IS_DONE -> false;
                        };
                if (now) {
                    mayCome.countDown();
                    await().atMost(Duration.ofSeconds(10)).until(() -> came.get() > 0);
                }
                return answer;
            }
        };
        try (way) {
            LockClient client = LockClient.open(way.config().with("operation-timeout", "1s"));
            LockHandle hold = client.acquire("n");
            hold.release();
            client.close();
            mayCome.countDown();
            await().atMost(Duration.ofSeconds(10)).until(() -> came.get() > 0);
            assertThat(left()).isEmpty();
        }
    }

    /** As from a proxy that repeats: its own keys, which nothing compares, come once more between their deletion and the session's end. */
    @Test
    @DisplayName("LK-1, UO-4: a copy of the opening that comes while its client closes leaves nothing")
    void aCopyOfTheOpeningWhileItsClientCloses() throws Exception {
        AtomicReference<String> opening = new AtomicReference<>();
        AtomicInteger copies = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                if (path.contains("/v1/txn") && body.contains("-journal")) {
                    opening.compareAndSet(null, body);
                }
                if (path.contains("/v1/session/destroy/")) {
                    assertThat(super.pass("PUT", "/v1/txn", opening.get()).status())
                            .isEqualTo(200);
                    copies.incrementAndGet();
                }
                return super.pass(method, path, body);
            }
        };
        try (way) {
            LockClient client = LockClient.open(way.config());
            client.acquire("n").release();
            client.close();
            assertThat(copies).hasValue(1);
            assertThat(left()).isEmpty();
        }
    }

    /** The client lives, and is served again; its old session's end was refused for longer than the engine asks for it. */
    @Test
    @DisplayName("LK-1: a client that lives takes away what its own lost session left")
    void whatALostSessionOfALivingClientLeft() throws Exception {
        AtomicReference<String> lost = new AtomicReference<>();
        AtomicBoolean healed = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                String old = lost.get();
                if (old == null || healed.get()) {
                    return super.pass(method, path, body);
                }
                if (path.contains("/session/renew/" + old) || path.contains("~session/" + old)) {
                    return new Administrator.Answer(404, path.contains("renew") ? "Session id not found" : "", "1");
                }
                if (body.contains("\"delete") && body.contains(old)) {
                    refused.incrementAndGet();
                    return new Administrator.Answer(500, "No cluster leader");
                }
                return super.pass(method, path, body);
            }
        };
        try (way;
                LockClient client = LockClient.open(way.config().withLease(Duration.ofSeconds(2)))) {
            LockHandle hold = client.acquire("n", Duration.ofSeconds(10));
            assertThat(hold.isValid()).isTrue();
            String old = consul.line("n").get(0).session();
            lost.set(old);
            await().atMost(Duration.ofSeconds(30)).until(() -> consul.administrator.sessions().stream()
                    .noneMatch(one -> one.get("ID").getAsString().equals(old)));
            int asked = refused.get();
            assertThat(asked).isPositive();
            // Nobody wants a lock, so no session of the client's lives, and the engine has given up asking.
            await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(30)).until(() -> refused.get() > asked + 1);
            healed.set(true);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(left()).noneMatch(key -> key.contains(old)));
        }
    }

    /** Whether that came or not. */
    private static void passedWithin(CountDownLatch latch, Duration limit) {
        try {
            latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void passed(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("nothing came after it");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("LK-1: a journal without a session, of a close that broke off, goes with the next client")
    void aJournalWithoutASession() {
        String gone = UUID.randomUUID().toString();
        consul.administrator.put(consul.keys.journal(gone), "7");
        consul.administrator.put(consul.keys.lane(gone, 3), "7");
        try (LockClient next = LockClient.open(consul.steady())) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(left()).noneMatch(key -> key.contains(gone)));
            assertThat(next.metrics().sessions()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/session/destroy/, 500, " + ELECTION,
        "/v1/session/destroy/, 500, No cluster leader",
        "/v1/session/destroy/, 429, Your IP is issuing too many concurrent connections",
        "/v1/txn, 500, No cluster leader",
    })
    @DisplayName("CL-1, LK-1: a session whose end is not served in time is ended before its client's close returns")
    void theEndOfASessionThatIsNotServed(String asked, int status, String said) throws Exception {
        String label = "closer-" + UUID.randomUUID();
        AtomicBoolean closing = new AtomicBoolean();
        AtomicInteger ends = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean end = closing.get() && path.contains(asked);
                return end && ends.incrementAndGet() <= 2
                        ? new Administrator.Answer(status, said)
                        : super.pass(method, path, body);
            }
        };
        try (way) {
            LockClient client = LockClient.open(way.config().withLabel(label).withLease(Duration.ofMinutes(10)));
            client.acquire("n").release();
            closing.set(true);
            client.close();
            assertThat(ends).hasValueGreaterThanOrEqualTo(3);
            assertThat(consul.administrator.sessions())
                    .noneMatch(one -> one.get("Name").getAsString().contains(label));
            assertThat(left()).isEmpty();
        }
    }
}
