// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Two requests that meet in the store: what is one step there, and what is "look, then do" (CR-1, LO-5, UO-1, UO-3). */
abstract class RacesKit extends SpiCase {
    private static final int MEETINGS = 200;
    private static final int MEETINGS_AT_LEAST = 60;
    private static final int AT_ONCE = 6;
    private static final int TRIES = 40;
    private static final int TAKEN_AT_LEAST = 5;
    private static final int MEASURED = 9;

    private long meetingsEnd() {
        return System.nanoTime() + time().scaled(2000).toNanos();
    }

    /** A store is slow to answer, or the machine: as many meetings as there is time for, but never so few that all could miss. */
    private static boolean goesOn(int met, long end) {
        return met < MEETINGS_AT_LEAST || (met < MEETINGS && System.nanoTime() - end < 0);
    }

    /** Of requests that meet nobody, the usual time. */
    private long usual(Supplier<CompletionStage<?>> request) throws Exception {
        long[] took = new long[MEASURED];
        for (int i = 0; i < MEASURED; i++) {
            long sent = System.nanoTime();
            request.get().toCompletableFuture().join();
            took[i] = System.nanoTime() - sent;
        }
        Arrays.sort(took);
        return took[MEASURED / 2];
    }

    /** Sends the one request, and the other one some time after that, or before it. */
    private <T, U> void meet(Supplier<CompletionStage<T>> one, long later, Supplier<CompletionStage<U>> other)
            throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Call<?> sending = begin(() -> {
            begun.countDown();
            spin(-later);
            return one.get()
                    .handle((value, failure) -> true)
                    .toCompletableFuture()
                    .get();
        });
        begun.await();
        spin(later);
        done("SP-3", "a request beside another one", other.get().handle((value, failure) -> true));
        result("SP-3", patience(), "a request beside another one", sending);
    }

    private static void spin(long nanos) {
        for (long end = System.nanoTime() + nanos; System.nanoTime() - end < 0; ) {
            Thread.onSpinWait();
        }
    }

    /** Who takes the lock the moment it is free: it waits in line, or tries without a pause. */
    private Call<Grant> next(SpiClient client, String name) throws Exception {
        if (!capabilities().queues()) {
            return begin(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Contender contender = client.session().contend(client.request(name, false, null));
                    contender.start();
                    Grant grant = contender.granted().toCompletableFuture().get();
                    if (grant != null) {
                        return grant;
                    }
                }
                throw new InterruptedException("the test has ended");
            });
        }
        Contender waiting = client.contend(name, true, null);
        answers("OR-1", Answer.WAITING, waiting);
        return begin(() -> waiting.granted().toCompletableFuture().get());
    }

    /** The next holder falls silent at once, with a lease that ends soon, where the one before asked for a long one. */
    @Test
    @Proves({"CR-1", "LO-5"})
    void aRenewalBesideAReleaseTouchesNoNextGrant() throws Exception {
        claims(
                capabilities().scope() == LeaseScope.GRANT,
                "a renewal here is of a session or of nothing: it reaches no grant of another client");
        SpiClient before = spi();
        SpiClient after = scene().spi(lease());
        Contender measured = before.contend(name(), false, null);
        granted("KE-1", measured);
        long usual = usual(() -> before.session().renew(List.of(measured)));
        Random random = new Random();
        Set<String> names = new HashSet<>();
        long end = meetingsEnd();
        while (goesOn(names.size(), end)) {
            String name = name();
            Contender holding = before.contend(name, false, null);
            Grant held = granted("LO-5", holding);
            long since = System.nanoTime(); // before the next one's lease begins, however late this thread goes on
            Call<Grant> next = next(after, name);
            meet(() -> before.session().renew(List.of(holding)), random.nextLong(usual + 1), () -> before.session()
                    .release(held));
            boolean given = Await.until(patience(), next::isDone);
            StoredLock stored = done("LO-5", "inspect", before.backend().inspect(name));
            check(
                    "LO-5",
                    given,
                    () -> "a renewal and the release of one grant met in the store, which shows " + stored);
            Grant grant = result("LO-5", patience(), "the next one, after a release,", next);
            check(
                    "LO-5",
                    stored.storeToken() == grant.storeToken() || System.nanoTime() - since > lease().toNanos() / 2,
                    () -> "a renewal and the release of one grant met in the store, which shows " + stored
                            + " after the next one was given " + grant);
            names.add(name);
        }
        List<String> kept = new ArrayList<>();
        within(
                "CR-1",
                time().takeover(),
                () -> {
                    kept.clear();
                    done("IN-2", "list()", before.backend().list()).forEach(lock -> kept.add(lock.name()));
                    return kept.stream().noneMatch(names::contains);
                },
                () -> "renewals and the release of the same grant met in the store, " + names.size()
                        + " times: such as of '"
                        + kept.stream().filter(names::contains).findFirst().orElse("") + "' the renewal kept the next"
                        + " holder's lock, who fell silent with a lease of " + lease());
    }

    @Test
    @Proves({"UO-3", "IN-3"})
    void aReleaseBesideAForcedReleaseTouchesNoNextGrant() throws Exception {
        SpiClient before = spi();
        SpiClient after = spi();
        SpiClient forcing = spi();
        String free = name();
        Grant none = granted("UO-3", before.contend(free, false, null));
        done("UO-3", "release", before.session().release(none));
        long usual = usual(() -> before.session().release(none));
        Random random = new Random();
        long end = meetingsEnd();
        for (int i = 0; goesOn(i, end); i++) {
            String name = name();
            Grant held = granted("UO-3", before.contend(name, false, null));
            Call<Grant> next = next(after, name);
            meet(() -> before.session().release(held), random.nextLong(-usual, usual + 1), () -> forcing.backend()
                    .forceRelease(name, OptionalLong.of(held.storeToken())));
            Grant grant = result("UO-3", patience(), "the next one, after a release,", next);
            stillHeld(
                    "UO-3",
                    forcing,
                    grant,
                    "a release and a forced release of the grant before, which met in the store,");
            ForceOutcome late = done(
                    "IN-3", "forceRelease", forcing.backend().forceRelease(name, OptionalLong.of(held.storeToken())));
            check("IN-3", late == ForceOutcome.MOVED_ON, () -> "the token was that of the holder before, and " + late);
            check("UO-3", done("UO-3", "release", after.session().release(grant)), () -> grant + " was gone");
        }
    }

    /** Whose turn comes while it gives its place up has given up what it was granted, too. */
    @Test
    @Proves({"WA-5", "UO-2"})
    void aPlaceGivenUpAsItsTurnComesIsNobodys() throws Exception {
        queued();
        SpiClient holder = spi();
        SpiClient leaving = spi();
        SpiClient next = spi();
        Grant none = granted("UO-3", holder.contend(name(), false, null));
        done("UO-3", "release", holder.session().release(none));
        long usual = usual(() -> holder.session().release(none));
        Random random = new Random();
        long end = meetingsEnd();
        for (int i = 0; goesOn(i, end); i++) {
            String name = name();
            Grant held = granted("WA-5", holder.contend(name, false, null));
            Contender waiting = leaving.contend(name, true, null);
            answers("OR-1", Answer.WAITING, waiting);
            meet(() -> holder.session().release(held), random.nextLong(-usual, usual + 1), waiting::withdraw);
            done("SP-3", "granted() after a withdrawal", waiting.granted());
            StoredLock stored = done("WA-5", "inspect", next.backend().inspect(name));
            check(
                    "WA-5",
                    !stored.isHeld() && stored.contenders() == 0,
                    () -> "a place was given up as the lock before it was released; both were confirmed, and the store"
                            + " shows " + stored);
        }
    }

    /** Who meets others in the store is refused, or holds: a conflict, a key that is there already, a lost race is no failure. */
    @Test
    @Proves({"UO-1", "ME-1"})
    void ofManyTriesAtOnceOneHoldsAndTheOthersAreRefused() throws Exception {
        List<SpiClient> clients = spis(AT_ONCE);
        long end = meetingsEnd();
        for (int i = 0; i < TRIES && System.nanoTime() - end < 0; i++) {
            Tried tried = tryAtOnce(clients, name());
            check(
                    "ME-1",
                    tried.grants().size() < 2,
                    () -> "several clients tried at once, and more than one holds: " + tried.grants());
            check(
                    "UO-1",
                    tried.grants().size() == 1,
                    () -> "several clients tried a free lock at once, and all were refused");
            done(
                    "UO-3",
                    "release",
                    tried.holders().get(0).session().release(tried.grants().get(0)));
        }
    }

    /** What a dead client left is there to be seen by all who come, and is taken by one of them. */
    @Test
    @Proves({"ME-1", "CR-1"})
    void ofManyWhoTakeOverAtOnceOneHolds() throws Exception {
        needsSilence();
        List<SpiClient> clients = spis(AT_ONCE);
        List<String> left = leftBySilentClients();
        long end = meetingsEnd();
        for (int i = 0; i < left.size() && (i < TAKEN_AT_LEAST || System.nanoTime() - end < 0); i++) {
            String name = left.get(i);
            List<Grant> grants = new ArrayList<>();
            within(
                    "CR-1",
                    time().takeover(),
                    () -> {
                        grants.addAll(tryAtOnce(clients, name).grants());
                        return !grants.isEmpty();
                    },
                    () -> "'" + name + "' was held by a client that fell silent, and all who try are refused");
            check(
                    "ME-1",
                    grants.size() == 1,
                    () -> "the holder of '" + name + "' fell silent, several clients tried at once, and more than one"
                            + " holds: " + grants);
        }
    }

    /** Names whose holder's lease has just run out, as far as its client can tell. */
    private List<String> leftBySilentClients() throws Exception {
        SpiClient silent = scene().spi(lease());
        long begun = System.nanoTime();
        List<String> left = new ArrayList<>();
        while (left.size() < TRIES && System.nanoTime() - begun < lease().toNanos() / 3) {
            Contender contender = silent.contend(name(), false, null);
            if (done("CR-1", "a grant", contender.granted().handle((grant, failure) -> grant)) == null) {
                break; // a machine so slow that the lease ran out meanwhile
            }
            left.add(contender.request().name());
        }
        long now = System.nanoTime();
        Await.pass(Duration.ofNanos(Math.max(0, now + lease().toNanos() - System.nanoTime())));
        return left;
    }

    /** Who was granted what, of clients that tried at once. */
    private record Tried(List<Grant> grants, List<SpiClient> holders) {}

    private Tried tryAtOnce(List<SpiClient> clients, String name) throws Exception {
        CountDownLatch all = new CountDownLatch(clients.size());
        List<Call<Grant>> tries = new ArrayList<>();
        for (SpiClient client : clients) {
            tries.add(begin(() -> {
                all.countDown();
                all.await();
                Contender contender = client.session().contend(client.request(name, false, null));
                contender.start();
                contender.answered().toCompletableFuture().get();
                return contender.granted().toCompletableFuture().get();
            }));
        }
        Tried tried = new Tried(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < tries.size(); i++) {
            Grant grant = result("UO-1", patience(), "a try of a lock for which others try, too,", tries.get(i));
            if (grant != null) {
                tried.grants().add(grant);
                tried.holders().add(clients.get(i));
            }
        }
        return tried;
    }
}
