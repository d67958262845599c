// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** IN: looking at locks, and forcing them. */
abstract class InspectKit extends SpiCase {
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    /** With what separates, quotes and escapes in stores, so that it shows when one is put together with others. */
    private static final String LABEL =
            longest("the kit's \"holder\": a,b;c|d/e=f {g} <h> %41 \\n \u00e9\ud83d\ude00 ");

    /** As many characters as a label may have. */
    private static String longest(String beginning) {
        return beginning + "x".repeat(200 - beginning.length());
    }

    /** More than the second to which a store may tell the time. */
    private static final Duration BETWEEN = Duration.ofMillis(1400);

    private static final int MANY = 1050;
    private static final int AT_ONCE = 50;
    private static final int ROUNDS = 4;

    @Test
    @Proves("IN-2")
    void theStoreShowsWhoHoldsWithWhichTokenAndSinceWhen() throws Exception {
        String name = name();
        LockClient holder = client(config -> config.withLabel(LABEL));
        LockClient other = client();
        check("IN-2", !other.lock(name).isLocked(), () -> "a name that nobody holds is shown as locked");
        LockInfo free = other.lock(name).inspect();
        check("IN-2", !free.isHeld() && free.contenders() == 0, () -> "a free name is shown as " + free);
        LockHandle hold = result(
                "IN-2",
                patience(),
                "a try by a client with a label of " + LABEL.length() + " characters",
                begin(() -> holder.tryAcquire(name).orElseThrow()));
        LockInfo info = other.lock(name).inspect();
        check("IN-2", other.lock(name).isLocked(), () -> "a held name is not shown as locked");
        check("IN-2", info.holder().equals(java.util.Optional.of(LABEL)), () -> "the holder is shown as " + info);
        check(
                "IN-2",
                info.fencingToken().orElse(0) == hold.fencingToken(),
                () -> "token " + hold.fencingToken() + " is shown as " + info);
        check("IN-2", info.contenders() == 1, () -> "one holder is shown as " + info);
        check("ME-1", other.tryAcquire(name).isEmpty(), () -> "two clients hold '" + name + "'");
        LockInfo after = other.lock(name).inspect();
        check("IN-2", after.equals(info), () -> "a try was refused, and the holder " + info + " is shown as " + after);
        check(
                "IN-2",
                info.since().isEmpty()
                        || Duration.between(info.since().get(), Instant.now())
                                        .abs()
                                        .compareTo(CLOCKS_DIFFER)
                                < 0,
                () -> "a new hold is shown as held since " + info.since());
        List<LockInfo> listed =
                other.list().stream().filter(shown -> shown.name().equals(name)).toList();
        check(
                "IN-2",
                listed.size() == 1
                        && listed.get(0).fencingToken().equals(info.fencingToken())
                        && listed.get(0).holder().equals(info.holder()),
                () -> "list() shows what is held as " + info + " as " + listed);
        hold.release();
        check("IN-2", !other.lock(name).isLocked(), () -> "a released name is shown as locked");
        check(
                "IN-2",
                other.list().stream().noneMatch(shown -> shown.name().equals(name)),
                () -> "list() shows a name that " + "nobody holds or waits for: " + other.list());
    }

    /** A version that counts renewals is no token, and the time of the last renewal is not since when. */
    @Test
    @Proves({"IN-2", "FT-3", "IN-3"})
    void aRenewalChangesNothingThatIsShown() throws Exception {
        SpiClient client = spi();
        Contender holding = client.contend(name(), false, null);
        Grant grant = granted("IN-2", holding);
        StoredLock before = done("IN-2", "inspect", client.backend().inspect(grant.name()));
        for (int i = 0; i < 2; i++) {
            Await.pass(time().moment().dividedBy(10)); // a clock that counts milliseconds goes on
            done("IN-2", "a renewal", client.session().renew(List.of(holding)));
        }
        StoredLock after = done("IN-2", "inspect", client.backend().inspect(grant.name()));
        check(
                "IN-2",
                after.storeToken() == grant.storeToken() && after.equals(before),
                () -> "a holder renewed, and " + before + " is shown as " + after);
        OptionalLong token = OptionalLong.of(grant.storeToken());
        expect(ForceOutcome.RELEASED, force(spi(), grant.name(), token), "the holder had renewed");
    }

    /** It is the grant's own time, not that of whatever the store has kept of the name; told to the second, it may be. */
    @Test
    @Proves("IN-2")
    void aHoldIsShownSinceItsOwnBeginning() throws Exception {
        String name = name();
        SpiClient client = spi();
        Grant first = granted("IN-2", client.contend(name, false, null));
        StoredLock before = done("IN-2", "inspect", client.backend().inspect(name));
        claims(before.sinceMillis() != 0, "the store does not show since when a lock is held");
        Await.pass(BETWEEN);
        check("UO-3", done("UO-3", "release", client.session().release(first)), () -> first + " was gone");
        granted("IN-2", client.contend(name, false, null));
        StoredLock after = done("IN-2", "inspect", client.backend().inspect(name));
        check(
                "IN-2",
                after.sinceMillis() - before.sinceMillis() > BETWEEN.toMillis() / 4,
                () -> "a hold that began " + BETWEEN + " after the one before, " + before + ", is shown as " + after);
    }

    @Test
    @Proves("IN-2")
    void aListCountsWhoWaits() throws Exception {
        queued();
        SpiClient holder = spi();
        Grant held = granted("IN-2", holder.contend(name(), true, null));
        Contender waiting = spi().contend(held.name(), true, null);
        answers("IN-2", Answer.WAITING, waiting);
        List<StoredLock> listed = done("IN-2", "list()", holder.backend().list()).stream()
                .filter(lock -> lock.name().equals(held.name()))
                .toList();
        check(
                "IN-2",
                listed.size() == 1 && listed.get(0).contenders() == 2,
                () -> "one client holds and one waits, and list() shows " + listed);
    }

    @Test
    @Proves("IN-3")
    void aForcedReleaseWithATokenTakesThatGrantOnly() throws Exception {
        String name = name();
        LockClient holder = client();
        LockClient other = client();
        expect(ForceOutcome.NOT_HELD, other.forceUnlock(name, 1L << 10), "nobody holds");
        check("IN-3", !other.lock(name).forceUnlock(), () -> "forceUnlock says that somebody held a free lock");
        LockHandle old = hold("IN-3", holder, name);
        old.release();
        LockHandle now = hold("IN-3", holder, name);
        expect(ForceOutcome.MOVED_ON, other.forceUnlock(name, old.fencingToken()), "an older token was named");
        check("IN-3", now.isValid() && other.tryAcquire(name).isEmpty(), () -> "an older token freed a newer grant");
        long newer = now.fencingToken() + (1L << 8);
        expect(ForceOutcome.MOVED_ON, other.forceUnlock(name, newer), "a newer token was named");
        check("IN-3", now.isValid() && other.tryAcquire(name).isEmpty(), () -> "a newer token freed an older grant");
        expect(ForceOutcome.RELEASED, other.forceUnlock(name, now.fencingToken()), "the token in force was named");
        free("IN-3", other, name);
    }

    /** What a forced release leaves of the grant that it took harms nobody who comes later. */
    @Test
    @Proves({"IN-3", "LO-5", "UO-3"})
    void aForcedReleaseHarmsNoNextHolder() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Contender forced = first.contend(name, true, null);
        Grant taken = granted("IN-3", forced);
        Contender waiting = second.contend(name, capabilities().queues(), null);
        answers("IN-3", capabilities().queues() ? Answer.WAITING : Answer.BUSY, waiting);
        OptionalLong token = OptionalLong.of(taken.storeToken());
        expect(ForceOutcome.RELEASED, force(second, name, token), "the token in force was named");
        Contender next = capabilities().queues() ? waiting : second.contend(name, false, null);
        Grant grant = granted("IN-3", next);
        Renewal late = done(
                "LO-5",
                "a renewal of a grant that was released by force, while the next one is in force,",
                first.session().renew(List.of(forced)));
        check(
                "LO-5",
                !(late.statuses().get(taken.contenderId()) instanceof ContenderStatus.Holding),
                () -> "another client holds by force, and the renewal of the holder before says " + late);
        check(
                "UO-3",
                !done(
                        "UO-3",
                        "a release",
                        first.session().release(taken).handle((gone, failure) -> failure == null && gone)),
                () -> "a grant that was released by force was released once more");
        expect(ForceOutcome.MOVED_ON, force(first, name, token), "the token was that of the holder before");
        stillHeld("IN-3", first, grant, "what came after a forced release");
        Renewal renewal =
                done("IN-3", "a renewal of the next holder", second.session().renew(List.of(next)));
        check(
                "IN-3",
                !(renewal.statuses().get(grant.contenderId()) instanceof ContenderStatus.Gone)
                        && second.lostGrants().isEmpty()
                        && second.losses() == 0,
                () -> "a lock was released by force, and the next holder is told that it lost it: " + renewal
                        + second.lostGrants());
        check("IN-3", done("IN-3", "release", second.session().release(grant)), () -> grant + " was gone");
    }

    private ForceOutcome force(SpiClient by, String name, OptionalLong token) throws Exception {
        return done("IN-3", "forceRelease", by.backend().forceRelease(name, token));
    }

    /** More than the pages in which stores answer; in a slow store as many as it takes in some seconds. */
    @Test
    @Alone
    @Proves("IN-2")
    void aListShowsEachOfManyNames() throws Exception {
        SpiClient client = spi();
        Set<String> names = new HashSet<>();
        List<Contender> held = new ArrayList<>();
        long begun = System.nanoTime();
        while (names.size() < MANY
                && System.nanoTime() - begun < time().scaled(3000).toNanos()) {
            List<Contender> contenders = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                LockRequest request = client.request(name(), false, null);
                contenders.add(client.session().contend(request));
                names.add(request.name());
            }
            Call<Boolean> taking = begin(() -> {
                contenders.forEach(Contender::start);
                for (Contender contender : contenders) {
                    if (contender.granted().toCompletableFuture().get() == null) {
                        return false;
                    }
                }
                return true;
            });
            boolean taken = result("IN-2", patience().multipliedBy(2), "acquiring " + AT_ONCE + " names", taking);
            check("IN-2", taken, () -> "one of " + AT_ONCE + " free names was refused");
            held.addAll(contenders);
        }
        Set<String> missing = new TreeSet<>(names);
        List<StoredLock> listed = done("IN-2", "list()", client.backend().list());
        check("IN-2", listed != null, () -> "list() is answered with null");
        listed.forEach(lock -> missing.remove(lock.name()));
        check(
                "IN-2",
                missing.isEmpty(),
                () -> "of " + names.size() + " names that are held, list() does not show " + missing.size()
                        + ", such as " + missing.iterator().next());
        areRenewed(client, held);
    }

    /** As many as a list shows are more than a statement takes, too; what one round says nothing of, one of the next ones does. */
    private void areRenewed(SpiClient client, List<Contender> held) throws Exception {
        if (capabilities().scope() != LeaseScope.GRANT) {
            return; // one lease keeps them all
        }
        Set<Long> kept = new HashSet<>();
        for (int i = 0; i < ROUNDS && kept.size() < held.size(); i++) {
            Renewal renewal = done(
                    "KE-1",
                    "a renewal of " + held.size() + " holds",
                    client.session().renew(held));
            renewal.statuses().forEach((id, status) -> {
                if (status instanceof ContenderStatus.Holding) {
                    kept.add(id);
                }
            });
        }
        check(
                "KE-1",
                kept.size() == held.size(),
                () -> "of " + held.size() + " holds of one client, " + ROUNDS + " renewals kept " + kept.size());
    }

    @Test
    @Alone
    @Proves("IN-4")
    void aDiagnosisSaysWhatWasSeenAndChangesNothing() throws Exception {
        LockClient client = client();
        LockHandle hold = hold("IN-4", client, name());
        List<LockInfo> before = client.list();
        List<StoreFinding> findings = client.diagnose();
        check("IN-4", !findings.isEmpty(), () -> "a diagnosis without a finding says nothing");
        check("IN-4", client.list().equals(before) && hold.isValid(), () -> "a diagnosis changed what is held");
        BackendConfig.of(scene().run().fixture().config())
                .password()
                .ifPresent(password -> check(
                        "IN-4",
                        !findings.toString().contains(password.reveal()),
                        () -> "a diagnosis shows the password: " + findings));
        hold.release();
    }

    private void expect(ForceOutcome expected, ForceOutcome seen, String when) {
        check(
                "IN-3",
                seen == expected,
                () -> "forceUnlock answered " + seen + " instead of " + expected + " when " + when);
    }
}
