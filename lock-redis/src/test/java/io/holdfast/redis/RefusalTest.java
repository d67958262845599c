// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server refuses, in our exceptions; and what its administrator does to it while locks are held. */
class RefusalTest {
    private static final Duration LEASE = Duration.ofSeconds(4);

    private StoreServer server;
    private Resp redis;

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().start();
        redis = Resp.open(server.node(1).address());
    }

    @AfterEach
    void end() {
        redis.close();
        server.close();
    }

    private LockClient open(String userInfo) {
        return LockClient.open(
                LockConfig.of("redis://" + userInfo + server.endpoints()).withLease(LEASE));
    }

    @Test
    void atMaxmemoryNewLocksAreRefusedAndHeldOnesAreKeptAndReleased() throws Exception {
        try (LockClient client = open("")) {
            LockHandle hold = client.acquire("held");
            redis.ask("CONFIG", "SET", "maxmemory", "1");
            assertThatThrownBy(() -> client.tryAcquire("new"))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasStackTraceContaining("maxmemory");
            long renewals = client.metrics().renewals();
            await().atMost(Duration.ofSeconds(20)).until(() -> client.metrics().renewals() >= renewals + 3);
            assertThat(hold.isValid()).isTrue();
            hold.release();
            assertThat(redis.list("HKEYS", "holdfast:{held}")).containsExactlyInAnyOrder("t", "l");
        }
    }

    @Test
    void aReplicaIsRefusedWithWhatToDo() {
        try (LockClient client = open("")) {
            redis.line("REPLICAOF 127.0.0.1 1");
            // A replica without its master's data serves reads of what it had, and no writes.
            assertThatThrownBy(() -> client.tryAcquire("n"))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasStackTraceContaining("replica");
            redis.line("REPLICAOF NO ONE");
            assertThat(client.tryAcquire("n")).isPresent();
        }
    }

    @Test
    void aDatabaseThatTheServerDoesNotHaveIsAWrongSetting() {
        String url = "redis://" + server.endpoints() + "/99";
        assertThatThrownBy(() -> LockClient.open(LockConfig.of(url).with("connect-timeout", "10m")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining(url)
                .hasMessageContaining("no database of that number");
    }

    @Test
    void wrongCredentialsAreDeniedAtOpenAndNotShown() {
        redis.line("ACL SETUSER locker on >right ~* &* +@all");
        redis.line("ACL SETUSER default off");
        assertThatThrownBy(() -> open("locker:wrong-secret@"))
                .isInstanceOf(LockDeniedException.class)
                .satisfies(e -> assertThat(stack(e)).doesNotContain("wrong-secret"));
        assertThatThrownBy(() -> open("")).isInstanceOf(LockDeniedException.class);
        open("locker:right@").close();
    }

    @Test
    void missingRightsAreDeniedAtOpenAndNamed() {
        String rights = "on >pw " + AclUserTckTest.RIGHTS;
        for (String missing : List.of("hset", "evalsha", "subscribe", "time", "ping")) {
            redis.line("ACL SETUSER locker reset " + rights + " -" + missing);
            assertThatThrownBy(() -> open("locker:pw@"))
                    .as(missing)
                    .isInstanceOf(LockDeniedException.class)
                    .satisfies(e -> assertThat(e.getMessage()).containsIgnoringCase(missing));
        }
        redis.line("ACL SETUSER elsewhere " + rights.replace("~holdfast:{*", "~other:{*"));
        assertThatThrownBy(() -> open("elsewhere:pw@")).isInstanceOf(LockDeniedException.class);
        redis.line("ACL SETUSER deaf " + rights.replace("&holdfast:wake:*", "&other:wake:*"));
        assertThatThrownBy(() -> open("deaf:pw@"))
                .isInstanceOf(LockDeniedException.class)
                .hasStackTraceContaining("SUBSCRIBE");
    }

    @Test
    void rightsTakenAwayLaterAreDeniedAtTheNextRequest() {
        redis.line("ACL SETUSER locker on >pw " + AclUserTckTest.RIGHTS);
        try (LockClient client = open("locker:pw@")) {
            redis.line("ACL SETUSER locker -hset");
            assertThatThrownBy(() -> client.tryAcquire("n"))
                    .isInstanceOf(LockDeniedException.class)
                    .hasMessageContaining("'n'");
        }
    }

    /** A prefix that begins with ours is somebody else's. */
    @Test
    void theRightsReachNoOtherPrefix() {
        redis.line("ACL SETUSER locker on >pw " + AclUserTckTest.RIGHTS + AclUserTckTest.LISTING);
        open("locker:pw@").close();
        try (Resp locker = Resp.open(server.node(1).address())) {
            locker.line("AUTH locker pw");
            assertThatThrownBy(() -> locker.ask("HGET", "holdfast:payments:{n}", "h"))
                    .hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> locker.ask("PUBLISH", "holdfast:payments:wake:x", "y"))
                    .hasMessageContaining("NOPERM");
        }
    }

    /** Without them a hand-over takes a poll interval, and nothing can be listed; locks work. */
    @Test
    void messagesAndListingAreDispensable() throws Exception {
        redis.line("ACL SETUSER mute on >pw " + AclUserTckTest.RIGHTS + " -publish");
        try (LockClient client = open("mute:pw@");
                LockClient other = open("mute:pw@")) {
            LockHandle hold = client.acquire("n");
            CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
            await().until(() -> redis.number("EXISTS", "holdfast:{n}:line") == 1);
            hold.release();
            assertThat(waiting.get(10, TimeUnit.SECONDS).isValid()).isTrue();
            assertThatThrownBy(client::list).isInstanceOf(LockDeniedException.class);
        }
    }

    @Test
    void flushedScriptsAndKilledConnectionsCostNothing() throws Exception {
        try (LockClient client = open("")) {
            LockHandle hold = client.acquire("n");
            redis.line("SCRIPT FLUSH");
            LockHandle other = client.acquire("m");
            redis.line("CLIENT KILL TYPE normal SKIPME yes");
            redis.line("CLIENT KILL TYPE pubsub");
            LockHandle third = client.acquire("k", Duration.ofSeconds(20));
            assertThat(hold.isValid() && other.isValid() && third.isValid()).isTrue();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> hold.remainingLease().compareTo(LEASE.dividedBy(2)) > 0);
            assertThat(client.metrics().lost()).isZero();
        }
    }

    @Test
    void aPausedServerLosesNothingWithinTheLease() throws Exception {
        try (LockClient client = open("")) {
            LockHandle hold = client.acquire("n");
            redis.line("CLIENT PAUSE 1500 ALL");
            LockHandle other = client.acquire("m", Duration.ofSeconds(20));
            assertThat(hold.isValid()).isTrue();
            other.release();
            hold.release();
        }
    }

    /** The lock is gone and so is the last token: the next one is higher all the same. */
    @Test
    void afterFlushallTheHolderLosesItsHoldAndTokensGoUp() throws Exception {
        try (LockClient client = open("");
                LockClient other = open("")) {
            LockHandle hold = client.acquire("n");
            CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
            await().until(() -> redis.number("EXISTS", "holdfast:{n}:line") == 1);
            redis.line("FLUSHALL");
            LockHandle next = waiting.get(30, TimeUnit.SECONDS);
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            await().atMost(LEASE.plusSeconds(10)).until(() -> !hold.isValid());
        }
    }

    @Test
    void afterARestartWithoutDataTokensGoUp() throws Exception {
        try (LockClient client = open("")) {
            long before = client.acquire("n").fencingToken();
            server.restartWithoutData();
            try (LockClient other = open("")) {
                assertThat(other.acquire("n", Duration.ofSeconds(30)).fencingToken())
                        .isGreaterThan(before);
            }
        }
    }

    private static String stack(Throwable failure) {
        java.io.StringWriter out = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(out));
        return out.toString();
    }

    @Test
    void aServerThatIsNotThereIsToldAsAFailureToOpen() {
        assertThatThrownBy(() -> LockClient.open("redis://127.0.0.1:1?connect-timeout=2s"))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining(", open: no connection (");
    }
}
