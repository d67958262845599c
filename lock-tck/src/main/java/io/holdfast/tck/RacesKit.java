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
            Call<Grant> next = next(after, name);
            meet(() -> before.session().renew(List.of(holding)), random.nextLong(usual + 1), () -> before.session()
                    .release(held));
            boolean given = Await.until(patience(), next::isDone);
            long since = System.nanoTime();
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

    /** Who meets others in the store is refused, or holds: a conflict, a key that is there already, a lost race is no failure. */
    @Test
    @Proves({"UO-1", "ME-1"})
    void ofManyTriesAtOnceOneHoldsAndTheOthersAreRefused() throws Exception {
        List<SpiClient> clients = spis(AT_ONCE);
        long end = meetingsEnd();
        for (int i = 0; i < TRIES && System.nanoTime() - end < 0; i++) {
            String name = name();
            CountDownLatch all = new CountDownLatch(AT_ONCE);
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
            List<Grant> grants = new ArrayList<>();
            List<SpiClient> holders = new ArrayList<>();
            for (int k = 0; k < AT_ONCE; k++) {
                Grant grant = result("UO-1", patience(), "a try of a lock for which others try, too,", tries.get(k));
                if (grant != null) {
                    grants.add(grant);
                    holders.add(clients.get(k));
                }
            }
            check("ME-1", grants.size() < 2, () -> "several clients tried at once, and more than one holds: " + grants);
            check("UO-1", grants.size() == 1, () -> "several clients tried a free lock at once, and all were refused");
            done("UO-3", "release", holders.get(0).session().release(grants.get(0)));
        }
    }
}
