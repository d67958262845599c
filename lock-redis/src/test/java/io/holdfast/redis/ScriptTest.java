// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Lua scripts by themselves, on a real server of each kind. */
class ScriptTest {
    private static final long LEASE = 30_000_000;
    private static final String RETENTION = "60000";

    private final String prefix = "script-" + UUID.randomUUID();
    private final LockKeys keys = LockKeys.of(prefix, "n");
    private Resp redis;

    private void on(StoreKind kind) {
        redis = Resp.open(Servers.shared(kind).node(1).address());
    }

    @AfterEach
    void leaveNothing() {
        redis.list("KEYS", prefix + "*").forEach(key -> redis.ask("DEL", key));
        redis.close();
    }

    private List<String> contend(String id, boolean enqueue, String... releasing) {
        return contend(id, LEASE, enqueue, releasing);
    }

    private List<String> contend(String id, long lease, boolean enqueue, String... releasing) {
        String given = releasing.length == 0 ? "" : releasing[0];
        String token = releasing.length == 0 ? "" : releasing[1];
        Object line = redis.script(
                Script.CONTEND,
                keys,
                id,
                RETENTION,
                lease,
                "1000",
                prefix + ":wake",
                "secret",
                "me on host",
                enqueue ? "1" : "0",
                given,
                token);
        return List.of(((String) line).split(" "));
    }

    private List<String> renew(String id) {
        return List.of(((String) redis.script(Script.RENEW, keys, id, RETENTION)).split(" "));
    }

    private String release(String id, String token) {
        return (String) redis.script(Script.RELEASE, keys, id, RETENTION, token);
    }

    private void withdraw(String id, long refused) {
        assertThat(redis.script(Script.WITHDRAW, keys, id, RETENTION, refused)).isEqualTo("1");
    }

    private String inspect() {
        return (String) redis.script(Script.INSPECT, keys, "", "0");
    }

    /** Makes a contender's mark lapse, as if its lease had passed. */
    private void lapse(String id) {
        String entry = redis.text("HGET", keys.state(), id);
        redis.ask("HSET", keys.state(), id, entry.replaceFirst("^[0-9]+", "1"));
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void firstComeFirstServed(StoreKind kind) {
        on(kind);
        List<String> a = contend("a", true);
        assertThat(a.get(0)).isEqualTo("granted");
        assertThat(contend("b", true).subList(0, 2)).containsExactly("waiting", "0");
        assertThat(contend("c", true).subList(0, 2)).containsExactly("waiting", "1");
        assertThat(contend("d", false)).containsExactly("busy", "0");
        assertThat(inspect()).startsWith("held " + a.get(1) + " ").endsWith(" 3 me on host");

        assertThat(release("a", a.get(1))).isEqualTo("1");
        List<String> b = renew("b");
        assertThat(b.get(0)).isEqualTo("holding");
        assertThat(Long.parseLong(b.get(1))).isGreaterThan(Long.parseLong(a.get(1)));
        assertThat(release("b", b.get(1))).isEqualTo("1");
        assertThat(release("c", renew("c").get(1))).isEqualTo("1");
        assertThat(inspect()).isEqualTo("free 0");
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void tokensOfGrantsWithinOneMicrosecondDiffer(StoreKind kind) {
        on(kind);
        // The whole script has one time: a release that is followed
        // by a contend in the same script is 0 microseconds apart.
        List<String> first = contend("a0", true);
        for (int i = 1; i <= 50; i++) {
            List<String> next = contend("a" + i, true, "a" + (i - 1), first.get(1));
            assertThat(next.get(0)).isEqualTo("granted");
            assertThat(next.get(2)).as("released").isEqualTo("1");
            assertThat(next.get(1)).matches("[0-9]{16}");
            assertThat(Long.parseLong(next.get(1))).isGreaterThan(Long.parseLong(first.get(1)));
            first = next;
        }
        // A token ahead of the clock, as after the clock was set back: 1 is all that lies between.
        long ahead = Long.parseLong(first.get(1)) + 60_000_000;
        redis.ask("HSET", keys.state(), "t", ahead);
        List<String> next = contend("b", true, "a50", Long.toString(ahead));
        assertThat(next.get(1)).isEqualTo(Long.toString(ahead + 1));
        next = contend("c", true, "b", next.get(1));
        assertThat(next.get(1)).isEqualTo(Long.toString(ahead + 2));
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void contendIsIdempotentByItsId(StoreKind kind) {
        on(kind);
        List<String> a = contend("a", true);
        assertThat(contend("a", true)).isEqualTo(a);
        contend("b", true);
        contend("c", true);
        assertThat(contend("b", true).subList(0, 2)).containsExactly("waiting", "0");
        assertThat(redis.number("ZCARD", keys.state() + ":line")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void anUndoneContendCreatesNothing(StoreKind kind) {
        on(kind);
        withdraw("a", LEASE);
        assertThat(contend("a", true)).containsExactly("undone", "0");
        assertThat(inspect()).isEqualTo("free 0");
        assertThat(contend("b", true).get(0)).isEqualTo("granted");
        assertThat(redis.number("PTTL", keys.state() + ":undone")).isBetween(1L, LEASE / 1000);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void aLateReleaseTouchesNoOtherGrant(StoreKind kind) {
        on(kind);
        String first = contend("a", true).get(1);
        assertThat(release("a", first)).isEqualTo("1");
        String second = contend("b", true).get(1);
        assertThat(release("a", first)).isEqualTo("0");
        assertThat(release("b", first)).isEqualTo("0");
        assertThat(renew("b")).containsExactly("holding", second);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void withdrawingAHolderHandsOver(StoreKind kind) {
        on(kind);
        contend("a", true);
        contend("b", true);
        withdraw("a", 0);
        assertThat(renew("b").get(0)).isEqualTo("holding");
        assertThat(renew("a")).containsExactly("gone");
        assertThat(redis.number("EXISTS", keys.state() + ":undone")).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void theDeadArePassedOverAHundredAtATime(StoreKind kind) {
        on(kind);
        contend("holder", true);
        for (int i = 0; i < 250; i++) {
            contend("dead" + i, true);
            lapse("dead" + i);
        }
        assertThat(contend("live", true).subList(0, 2)).containsExactly("waiting", "250");
        lapse("holder");
        assertThat(renew("live").subList(0, 2)).containsExactly("waiting", "150");
        assertThat(contend("try", false)).containsExactly("busy", "0");
        assertThat(renew("live").get(0)).isEqualTo("holding");
        assertThat(redis.number("ZCARD", keys.state() + ":line")).isZero();
        assertThat(redis.number("HLEN", keys.state()))
                .as("holder, token, those remembered, entry")
                .isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void aGrantRunsWithTheGranteesLease(StoreKind kind) {
        on(kind);
        String a = contend("a", 5_000_000, true).get(1);
        contend("b", 50_000_000, true);
        release("a", a);
        List<String> c = contend("c", 5_000_000, true);
        assertThat(Long.parseLong(c.get(2))).as("until the holder's lease ends").isBetween(49_000L, 50_000L);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void aMarkFarAheadWasWrittenBeforeTheClockWasSetBack(StoreKind kind) {
        on(kind);
        contend("a", true);
        String entry = redis.text("HGET", keys.state(), "a");
        long deadline = Long.parseLong(entry.substring(0, 16));
        redis.ask("HSET", keys.state(), "a", (deadline + 60_000_000) + entry.substring(16));
        List<String> b = contend("b", true);
        assertThat(Long.parseLong(b.get(2)))
                .as("one lease, not one lease and 60 s")
                .isBetween(29_000L, 30_000L);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void releaseRenewAndWithdrawWorkAtMaxmemory(StoreKind kind) {
        on(kind);
        String a = contend("a", true).get(1);
        contend("b", true);
        contend("c", true);
        redis.ask("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThatThrownBy(() -> contend("d", true)).hasMessageContaining("OOM");
            assertThat(renew("a")).containsExactly("holding", a);
            assertThat(renew("b").get(0)).isEqualTo("waiting");
            withdraw("b", LEASE);
            assertThat(release("a", a)).isEqualTo("1");
            assertThat(renew("c").get(0)).isEqualTo("holding");
            assertThat(redis.script(Script.FORCE, keys, "", RETENTION, "")).isEqualTo("released");
        } finally {
            redis.ask("CONFIG", "SET", "maxmemory", "0");
        }
        assertThat(inspect()).isEqualTo("free 0");
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void aRefusedMessageHarmsNoHandOver(StoreKind kind) {
        on(kind);
        redis.line("ACL SETUSER mute on >pw ~* resetchannels +@all");
        try (Resp mute = Resp.open(Servers.shared(kind).node(1).address())) {
            String a = contend("a", true).get(1);
            contend("b", true);
            mute.line("AUTH mute pw");
            assertThat(mute.script(Script.RELEASE, keys, "a", RETENTION, a)).isEqualTo("1");
            assertThat(renew("b").get(0)).isEqualTo("holding");
        } finally {
            redis.line("ACL DELUSER mute");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void onlyTheTokenIsLeftForItsTime(StoreKind kind) {
        on(kind);
        String a = contend("a", true).get(1);
        assertThat(redis.number("PTTL", keys.state())).isBetween(89_000L, 90_000L);
        release("a", a);
        assertThat(redis.list("KEYS", prefix + "*")).containsExactly(keys.state());
        assertThat(redis.list("HGETALL", keys.state())).containsExactlyInAnyOrder("t", a, "l", "a");
        assertThat(redis.number("PTTL", keys.state())).isBetween(59_000L, 60_000L);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void forceComparesTheToken(StoreKind kind) {
        on(kind);
        assertThat(redis.script(Script.FORCE, keys, "", RETENTION, "")).isEqualTo("free");
        String a = contend("a", true).get(1);
        assertThat(redis.script(Script.FORCE, keys, "", RETENTION, "17")).isEqualTo("moved");
        assertThat(redis.script(Script.FORCE, keys, "", RETENTION, a)).isEqualTo("released");
        assertThat(renew("a")).containsExactly("gone");
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void listGoesOverAllNames(StoreKind kind) {
        on(kind);
        String a = contend("a", true).get(1);
        redis.ask("SET", prefix + ":{foreign}", "x");
        redis.ask("HSET", LockKeys.of(prefix, "idle").state(), "t", "5");
        List<String> found = new java.util.ArrayList<>();
        String cursor = "0";
        do {
            @SuppressWarnings("unchecked")
            List<String> page =
                    (List<String>) redis.ask("EVAL", Script.LIST.text(), 0, cursor, "10", LockKeys.pattern(prefix));
            cursor = page.get(0);
            found.addAll(page.subList(1, page.size()));
        } while (!cursor.equals("0"));
        assertThat(found).hasSize(2);
        assertThat(found.get(0)).isEqualTo(keys.state());
        assertThat(found.get(1)).startsWith("held " + a);
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void whatNobodyOfOursWroteDoesNoHarm(StoreKind kind) {
        on(kind);
        redis.ask("HSET", keys.state(), "h", "somebody", "somebody", "rubbish", "t", "not a number");
        redis.ask("ZADD", keys.state() + ":line", "1", "nobody");
        assertThat(inspect()).as("who has no entry does not live").isEqualTo("free 0");
        assertThat(contend("a", true).get(0)).isEqualTo("granted");
    }
}
