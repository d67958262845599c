// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * NA-2 of names that begin with each other, such as {@code a} and {@code a/b}: to whoever sees a tree or a range in them, they are one thing
 * and a part of it. In every request each is a lock of its own.
 */
abstract class BeginningsKit extends SpiCase {
    /** What may stand between a name and what is "below" it; with nothing between, the one is but longer. */
    private static final List<String> BETWEEN = List.of(
            "/", ":", ".", " ", "-", "_", "#", "|", ",", ";", "@", "\\", "%", "*", "~", "+", "=", "$", "&", "!", "{",
            "[", "(", "<", "\0", "\t", "\n", "\u00e9", "", "0", "//", "::", "%2F", "/.", "/-/");

    /** Of which a lease is time enough for. */
    private static final List<String> USUAL = List.of("/", ":", ".", " ", "-", "_", "#", "|", "", "0");

    /** Names below another one, each held, and how. */
    private static final class Tree {
        private final Map<String, Grant> grants = new LinkedHashMap<>();

        void add(Grant grant) {
            grants.put(grant.name(), grant);
        }
    }

    private Tree below(String top, String end, SpiClient client, boolean enqueue) throws Exception {
        Tree tree = new Tree();
        for (String between : BETWEEN) {
            String when = "while " + NamesKit.shown(top) + " is held";
            tree.add(taken(client, top + between + end, enqueue, when));
        }
        return tree;
    }

    /** By a try, or with a place in line that is granted at once where nobody else contends for this very name. */
    private Grant taken(SpiClient client, String name, boolean enqueue, String when) throws Exception {
        Contender contender = client.contend(name, enqueue && capabilities().queues(), null);
        Answer answer = done("NA-2", "the answer to " + contender.request(), contender.answered());
        check(
                "NA-2",
                answer == Answer.GRANTED,
                () -> "the free name " + NamesKit.shown(name) + " is answered " + answer + " " + when);
        return granted("NA-2", contender);
    }

    @Test
    @Proves({"NA-2", "IN-2", "IN-3"})
    void whatBeginsWithANameIsAnotherLock() throws Exception {
        String top = name();
        SpiClient first = spi();
        SpiClient second = spi();
        SpiClient third = spi();
        Grant held = granted("NA-2", first.contend(top, true, null));
        Tree others = below(top, "b", second, true);
        Tree own = below(top, "c", first, false);
        Tree deep = new Tree();
        for (String between : USUAL) {
            deep.add(taken(third, top + between + "b" + between + "d", true, "while what it begins with is held"));
        }
        List<Tree> all = List.of(others, own, deep);
        stand(third, held, all, "names that begin with it were taken");
        released(first, held);
        standFree(third, top, all, "its release");
        Grant again = taken(third, top, false, "while names that begin with it are held");
        stand(first, again, all, "it was taken");
        forced(first, again);
        standFree(third, top, all, "its forced release");
        Grant last = taken(first, top, true, "while names that begin with it are held");
        for (Grant grant : own.grants.values()) {
            released(first, grant);
        }
        for (Grant grant : others.grants.values()) {
            forced(third, grant);
        }
        stand(third, last, List.of(deep), "names that begin with it, and that others begin with, were released");
        for (String name : others.grants.keySet()) {
            released(
                    second, taken(second, name, false, "while " + NamesKit.shown(top) + " and what is below are held"));
        }
        for (Grant grant : deep.grants.values()) {
            released(third, grant);
        }
        stand(third, last, List.of(), "all that begins with it was released");
        released(first, last);
    }

    private void released(SpiClient client, Grant grant) throws Exception {
        check(
                "NA-2",
                done("UO-3", "release", client.session().release(grant)),
                () -> grant + " was gone before its release, after others that begin alike were released");
    }

    private void forced(SpiClient by, Grant grant) throws Exception {
        ForceOutcome outcome =
                done("IN-3", "forceRelease", by.backend().forceRelease(grant.name(), OptionalLong.empty()));
        check("IN-3", outcome == ForceOutcome.RELEASED, () -> "a forced release of " + grant + " says " + outcome);
    }

    private void standFree(SpiClient witness, String top, List<Tree> trees, String after) throws Exception {
        StoredLock seen = done("IN-2", "inspect", witness.backend().inspect(top));
        check(
                "IN-2",
                !seen.isHeld() && seen.contenders() == 0,
                () -> "the free name " + NamesKit.shown(top) + " is shown as " + seen
                        + ", while names that begin with it are held");
        listed(witness, top, trees, after);
    }

    private void stand(SpiClient witness, Grant held, List<Tree> trees, String after) throws Exception {
        StoredLock seen = done("IN-2", "inspect", witness.backend().inspect(held.name()));
        check(
                "NA-2",
                seen.storeToken() == held.storeToken() && seen.contenders() == 1,
                () -> after + ", and " + held + " is shown as " + seen);
        listed(witness, held.name(), trees, after);
    }

    /** A list shows each that is held below a name, as it is. */
    private void listed(SpiClient witness, String top, List<Tree> trees, String after) throws Exception {
        Map<String, Long> shown = done("IN-2", "list()", witness.backend().list()).stream()
                .filter(lock -> lock.name().startsWith(top) && !lock.name().equals(top))
                .collect(Collectors.toMap(StoredLock::name, StoredLock::storeToken));
        Map<String, Long> held = new LinkedHashMap<>();
        trees.forEach(tree -> tree.grants.forEach((name, grant) -> held.put(name, grant.storeToken())));
        Set<String> differ = new TreeSet<>(held.keySet());
        differ.addAll(shown.keySet());
        differ.removeIf(name -> held.get(name) != null && held.get(name).equals(shown.get(name)));
        check(
                "NA-2",
                differ.isEmpty(),
                () -> after + ", and of the " + held.size() + " names held that begin with " + NamesKit.shown(top) + " "
                        + differ.size() + " are not shown as they are, such as "
                        + NamesKit.shown(differ.iterator().next()));
    }

    /** A renewal of the one lock is worth nothing to the other, whichever is the longer name. */
    @Test
    @Proves("CR-1")
    void aRenewalKeepsNoNameThatBeginsAlike() throws Exception {
        needsSilence();
        String above = name();
        String below = name();
        SpiClient renewing = spi();
        List<Contender> renewed = new ArrayList<>();
        for (String between : USUAL) {
            renewed.add(renewing.contend(above + between + "b", false, null));
        }
        renewed.add(renewing.contend(below, false, null));
        for (Contender contender : renewed) {
            granted("CR-1", contender);
        }
        Set<String> silent = new TreeSet<>(Set.of(above));
        Holder holder = holder("NA-2", above);
        for (String between : USUAL) {
            Contender contender = holder.client().contend(below + between + "b", false, null);
            if (done("CR-1", "a grant", contender.granted().handle((grant, failure) -> grant)) == null) {
                break; // a machine so slow that the lease ran out meanwhile
            }
            silent.add(contender.request().name());
        }
        Set<String> kept = new TreeSet<>();
        within(
                "CR-1",
                time().takeover(),
                () -> {
                    done("KE-1", "a renewal", renewing.session().renew(renewed));
                    Await.pass(lease().dividedBy(5));
                    kept.clear();
                    done("IN-2", "list()", renewing.backend().list()).forEach(lock -> kept.add(lock.name()));
                    kept.retainAll(silent);
                    return kept.isEmpty();
                },
                () -> "a client fell silent, and another one's renewals of names that begin alike keep "
                        + kept.stream().map(NamesKit::shown).toList());
    }
}
