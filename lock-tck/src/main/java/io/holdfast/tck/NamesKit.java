// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.tck.internal.HostileNames;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** NA: any name works, no two names meet, and none reaches outside the prefix. */
@Alone
abstract class NamesKit extends Kit {
    @Test
    @Proves({"NA-1", "NA-2", "IN-2", "IN-3"})
    void hostileNamesAreAllHeldTogetherAndShownAsTheyAre() throws Exception {
        List<String> names = HostileNames.all(name());
        LockClient client = client();
        LockClient other = client();
        Map<String, LockHandle> holds = new LinkedHashMap<>();
        for (String name : names) {
            Optional<LockHandle> hold =
                    result("NA-1", patience(), "trying " + shown(name), begin(() -> client.tryAcquire(name)));
            check(
                    "NA-2",
                    hold.isPresent(),
                    () -> "the free name " + shown(name) + " is refused: it meets " + met(client, name, holds));
            holds.put(name, hold.orElseThrow());
        }
        for (String name : names) {
            check("NA-2", other.tryAcquire(name).isEmpty(), () -> "a second client was given " + shown(name));
            LockInfo info = other.lock(name).inspect();
            check("IN-2", info.isHeld() && info.name().equals(name), () -> shown(name) + " is shown as " + info);
        }
        Set<String> listed = other.list().stream().map(LockInfo::name).collect(Collectors.toSet());
        check(
                "IN-2",
                listed.containsAll(names),
                () -> "list() does not show "
                        + names.stream()
                                .filter(name -> !listed.contains(name))
                                .map(NamesKit::shown)
                                .toList());
        holds.values().forEach(LockHandle::release);
        for (String name : names) {
            Optional<LockHandle> free =
                    result("NA-1", patience(), "trying " + shown(name), begin(() -> other.tryAcquire(name)));
            check("NA-1", free.isPresent(), () -> shown(name) + " is held after its release");
            ForceOutcome forced = client.forceUnlock(name, free.orElseThrow().fencingToken());
            check(
                    "IN-3",
                    forced == ForceOutcome.RELEASED,
                    () -> "a forced release of " + shown(name) + ", which another client holds, says " + forced);
        }
    }

    /** Which of the names that are held is the one that a name meets: the one whose release lets it be had. */
    private static String met(LockClient client, String name, Map<String, LockHandle> holds) {
        for (Map.Entry<String, LockHandle> held : holds.entrySet()) {
            held.getValue().release();
            if (client.tryAcquire(name).isPresent()) {
                return "the lock of the other name " + shown(held.getKey());
            }
        }
        return "something else than the " + holds.size() + " names that were held";
    }

    @Test
    @Proves({"NA-1", "ER-2"})
    @SuppressWarnings("NullAway") // null is one of the wrong names
    void wrongNamesAreRefusedBeforeAnyRequest() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("empty", "");
        wrong.put("513 bytes", "x".repeat(513));
        wrong.put("513 bytes in 171 characters", "\u20ac".repeat(171));
        wrong.put("a high surrogate alone", "a\ud83d");
        wrong.put("a low surrogate alone", "\ude00a");
        wrong.put("surrogates in the wrong order", "\ude00\ud83d");
        wrong.forEach((what, name) -> entrances(client, name)
                .forEach((entrance, call) -> throwingHere(
                        "NA-1", IllegalArgumentException.class, entrance + " with a name that is " + what, call)));
        entrances(client, null)
                .forEach((entrance, call) ->
                        throwingHere("ER-2", NullPointerException.class, entrance + " with a name that is null", call));
        check(
                "NA-1",
                tap.count(Step.CONTEND) + tap.count(Step.LOOK) == 0,
                () -> "a wrong name was sent to the store: " + tap.counts());
    }

    @SuppressWarnings("NullAway") // null is one of the wrong names
    private Map<String, Callable<?>> entrances(LockClient client, String name) {
        Map<String, Callable<?>> calls = new LinkedHashMap<>();
        calls.put("lock", () -> client.lock(name).tryLock());
        calls.put("acquire", () -> client.acquire(name));
        calls.put("timed acquire", () -> client.acquire(name, patience()));
        calls.put("tryAcquire", () -> client.tryAcquire(name));
        calls.put("timed tryAcquire", () -> client.tryAcquire(name, patience()));
        calls.put("acquireAsync", () -> client.acquireAsync(name));
        calls.put("withLock", () -> client.withLock(name, patience(), hold -> true));
        calls.put("forceUnlock", () -> client.forceUnlock(name, 1));
        Collection<String> group = new ArrayList<>();
        group.add("good");
        group.add(name);
        calls.put("all", () -> client.all(group));
        return calls;
    }

    @Test
    @Proves("NA-1")
    void theLongestNameIsHeld() throws Exception {
        LockClient client = client();
        for (String name : List.of("x".repeat(512), "\u20ac".repeat(170) + "yz", "\ud83d\ude00".repeat(128))) {
            LockHandle hold = hold("NA-1", client, name);
            check("NA-1", hold.name().equals(name), () -> "the hold of " + shown(name) + " names " + hold.name());
            check("NA-1", client().tryAcquire(name).isEmpty(), () -> "two clients hold " + shown(name));
            hold.release();
        }
    }

    @Test
    @Proves("NA-3")
    void noNameReachesAnotherPrefix() throws Exception {
        String inner = name();
        String beside = scene().run().fixture().neighbourPrefix();
        LockClient neighbour = client(config -> config.withPrefix(beside));
        LockClient client = client();
        LockHandle canary = hold("NA-3", neighbour, inner);
        for (String way : List.of(
                inner,
                "../" + beside + "/" + inner,
                "/" + beside + "/" + inner,
                "..\\" + beside + "\\" + inner,
                "%2e%2e/" + beside + "/" + inner,
                "..%2f" + beside + "%2f" + inner,
                "\u0000../" + beside + "/" + inner,
                beside + ":" + inner,
                inner + "?recurse",
                "*")) {
            Optional<LockHandle> hold =
                    result("NA-3", patience(), "trying " + shown(way), begin(() -> client.tryAcquire(way)));
            check("NA-3", hold.isPresent(), () -> shown(way) + " meets a lock of another prefix");
            client.lock(way).forceUnlock();
            hold.orElseThrow().release();
        }
        check("NA-3", canary.isValid(), () -> "a name under one prefix ended a hold under another");
        check(
                "NA-3",
                neighbour.lock(inner).inspect().isHeld(),
                () -> "a name under one prefix freed a lock under another");
        check(
                "NA-3",
                client.list().stream().noneMatch(info -> info.name().contains(inner)),
                () -> "list() shows locks of another prefix: " + client.list());
    }

    static String shown(String name) {
        String escaped = name.codePoints()
                .mapToObj(c -> c > 0x20 && c < 0x7f ? Character.toString(c) : String.format("\\u{%x}", c))
                .collect(Collectors.joining());
        return "'" + (escaped.length() > 80 ? escaped.substring(0, 80) + "…" : escaped) + "'";
    }
}
