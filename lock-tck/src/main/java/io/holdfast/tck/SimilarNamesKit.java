// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** NA-2 and NA-3: names, and prefixes, that begin with each other. */
abstract class SimilarNamesKit extends Kit {
    /** Each begins a name that is held, or matches one: in SQL, as a file pattern, or as a regular expression. */
    private static final List<String> PATTERNS = List.of(
            "", "x", "xa", "xayb", "%", "x_y", "x%", "*", "x?y", "x*", "x[abc]y", ".*", "x.y", "x(a|b|c)y", "x.+");

    private static final List<String> ENDS = List.of("b", "/b", ":b", "1", " ");

    /** What a release wakes is its own name's: one name's waiter is not given the lock by another one's release. */
    @Test
    @Proves("NA-2")
    void aReleaseIsHeardByNobodyWhoWaitsForASimilarName() throws Exception {
        String name = name();
        LockClient holder = client();
        LockClient waiter = client();
        Map<String, LockHandle> holds = new LinkedHashMap<>();
        Map<String, Call<LockHandle>> waits = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(List.of(name, "b" + name));
        ENDS.forEach(end -> names.add(name + end));
        for (String similar : names) {
            holds.put(similar, hold("NA-2", holder, similar));
        }
        for (String similar : names) {
            waits.put(similar, begin(() -> waiter.acquire(similar)));
            inLine("NA-2", holder, similar, 2);
        }
        // The longest first: a release of "ab" must not be one of "a", nor the other way round.
        List<String> order = List.copyOf(names);
        for (int i = order.size() - 1; i >= 0; i--) {
            String released = order.get(i);
            Objects.requireNonNull(holds.get(released)).release();
            LockHandle taken = result(
                    "NA-2",
                    patience(),
                    "the waiter for " + NamesKit.shown(released),
                    Objects.requireNonNull(waits.remove(released)));
            Await.pass(time().moment().dividedBy(4));
            waits.forEach((waited, wait) -> check(
                    "NA-2",
                    !wait.isDone(),
                    () -> "the release of " + NamesKit.shown(released) + " ended the wait for " + NamesKit.shown(waited)
                            + ", which another client holds"));
            taken.release();
        }
    }

    /** What a request says of one name is said of no other: not of what begins with it, nor of what it matches as a pattern. */
    @Test
    @Proves({"NA-2", "IN-2", "IN-3"})
    void aNameIsNoPatternOfOthers() throws Exception {
        String stem = name();
        LockClient trying = client();
        LockClient other = client();
        LockClient witness = client();
        List<LockHandle> standing = List.of(
                hold("NA-2", other, stem + "xay"),
                hold("NA-2", trying, stem + "xby"),
                hold("NA-2", other, "b" + stem + "xay"));
        for (String end : PATTERNS) {
            String pattern = stem + end;
            LockInfo before = witness.lock(pattern).inspect();
            check(
                    "IN-2",
                    !before.isHeld(),
                    () -> "the free name " + NamesKit.shown(pattern) + " is shown as " + before);
            Optional<LockHandle> hold = result(
                    "NA-2", patience(), "trying " + NamesKit.shown(pattern), begin(() -> trying.tryAcquire(pattern)));
            check(
                    "NA-2",
                    hold.isPresent(),
                    () -> "the free name " + NamesKit.shown(pattern) + " is refused while " + standing + " are held");
            stand(standing, witness, "an acquisition of " + NamesKit.shown(pattern));
            LockHandle matched = hold("NA-2", other, stem + "xcy");
            matched.release();
            stand(List.of(hold.orElseThrow()), witness, "a release of " + NamesKit.shown(matched.name()));
            hold.orElseThrow().release();
            stand(standing, witness, "a release of " + NamesKit.shown(pattern));
            check(
                    "IN-3",
                    !witness.lock(pattern).forceUnlock(),
                    () -> "the free name " + NamesKit.shown(pattern) + " was held when it was forced");
            stand(standing, witness, "a forced release of " + NamesKit.shown(pattern));
        }
        for (LockHandle hold : standing) {
            check(
                    "NA-2",
                    witness.tryAcquire(hold.name()).isEmpty(),
                    () -> NamesKit.shown(hold.name()) + " is held by two clients");
        }
    }

    private void stand(List<LockHandle> holds, LockClient witness, String after) throws Exception {
        for (LockHandle hold : holds) {
            LockInfo seen = witness.lock(hold.name()).inspect();
            check(
                    "NA-2",
                    seen.fencingToken().orElse(0) == hold.fencingToken(),
                    () -> after + " touched the lock of another name: " + NamesKit.shown(hold.name())
                            + ", held with token " + hold.fencingToken() + ", is shown as " + seen);
        }
    }

    @Test
    @Alone
    @Proves({"NA-3", "IN-2"})
    void prefixesThatBeginWithEachOtherAreApart() throws Exception {
        String beside = scene().run().fixture().neighbourPrefix();
        LockClient client = client(config -> config.withPrefix(beside));
        int tried = 0;
        for (String end : List.of("2", "-2", ".2", "_2", "/2", ":2")) {
            tried += apart(client, beside + end, end) ? 1 : 0;
        }
        if (tried == 0) {
            throw new HookMissing(
                    "open a client under a prefix that begins with neighbourPrefix(): it is refused there");
        }
    }

    /** In SQL, in a file pattern, in a regular expression: the prefix of the one client matches that of the other. */
    @Test
    @Alone
    @Proves({"NA-3", "IN-2"})
    void aPrefixIsNoPatternOfOthers() throws Exception {
        String beside = scene().run().fixture().neighbourPrefix();
        int tried = 0;
        for (String pattern : List.of("_x", "%x", "*x", "?x", ".x", "[a]x")) {
            tried += isNoPattern(beside + pattern, beside + "ax") ? 1 : 0;
        }
        if (tried == 0) {
            throw new HookMissing(
                    "open a client under a prefix that begins with neighbourPrefix(): it is refused there");
        }
    }

    private boolean isNoPattern(String pattern, String other) throws Exception {
        String inner = name();
        try {
            LockClient matching = client(config -> config.withPrefix(pattern));
            LockClient matched = client(config -> config.withPrefix(other));
            LockHandle canary = hold("NA-3", matched, inner);
            showsNothing(matching, inner, pattern, other);
            hold("NA-3", matching, inner).release();
            check(
                    "NA-3",
                    canary.isValid() && matched.lock(inner).isLocked(),
                    () -> "a release under the prefix " + pattern + " freed a lock under " + other);
            canary.release();
            return true;
        } catch (LockConfigException | LockDeniedException refused) {
            return false; // a store may know no such prefix, or allow it to somebody else
        } catch (RuleFailure failed) {
            if (failed.getCause() instanceof LockDeniedException) {
                return false;
            }
            throw failed;
        }
    }

    private void showsNothing(LockClient client, String name, String prefix, String other) {
        List<LockInfo> shown =
                client.list().stream().filter(lock -> lock.name().equals(name)).toList();
        check(
                "NA-3",
                shown.isEmpty() && !client.lock(name).isLocked(),
                () -> "a lock under the prefix " + other + " is shown under " + prefix + ": " + shown);
    }

    private boolean apart(LockClient client, String longer, String end) throws Exception {
        String inner = name();
        LockClient other;
        LockHandle canary;
        try {
            other = client(config -> config.withPrefix(longer));
            canary = hold("NA-3", other, inner);
        } catch (LockConfigException | LockDeniedException refused) {
            return false; // a store may know no such prefix, or allow it to somebody else
        } catch (RuleFailure failed) {
            if (failed.getCause() instanceof LockDeniedException) {
                return false;
            }
            throw failed;
        }
        String bare = end.substring(end.length() - 1);
        for (String way : new LinkedHashSet<>(List.of(
                inner,
                end + inner,
                end + "/" + inner,
                end + ":" + inner,
                bare + inner,
                bare + "/" + inner,
                bare + ":" + inner))) {
            Optional<LockHandle> hold =
                    result("NA-3", patience(), "trying " + NamesKit.shown(way), begin(() -> client.tryAcquire(way)));
            check(
                    "NA-3",
                    hold.isPresent(),
                    () -> NamesKit.shown(way) + " under one prefix meets " + NamesKit.shown(inner)
                            + " under the prefix " + longer);
            List<String> listed = other.list().stream()
                    .map(LockInfo::name)
                    .filter(name -> name.contains(inner))
                    .toList();
            check(
                    "IN-2",
                    listed.equals(List.of(inner)),
                    () -> "list() under the prefix " + longer + " shows " + listed + " instead of " + List.of(inner));
            hold.orElseThrow().release();
            client.lock(way).forceUnlock();
        }
        List<LockInfo> seen = client.list();
        check(
                "NA-3",
                seen.stream().noneMatch(info -> info.name().contains(inner)),
                () -> "list() shows locks of the prefix " + longer + ", which only begins alike: " + seen);
        check(
                "NA-3",
                canary.isValid() && other.lock(inner).isLocked(),
                () -> "a name under one prefix freed a lock under " + longer);
        canary.release();
        return true;
    }
}
