// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.FencedGuard;
import io.holdfast.FencingRegressionException;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.Tap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** FT: every hold has a token greater than that of every hold before it. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested; the scene ends what a failure leaves
abstract class FencingKit extends SpiCase {
    private static final int QUICK = 60;
    private static final int ROUNDS = 10;
    private static final int IDLE_LEASES = 4;
    private static final int HANDOFF_BITS = 8;

    /** Faster than a clock ticks that a token is read from. */
    @Test
    @Proves("FT-1")
    void tokensRiseHoweverFastHoldsFollow() throws Exception {
        String name = name();
        List<SpiClient> clients = List.of(spi(), spi());
        long last = 0;
        for (int i = 0; i < QUICK; i++) {
            SpiClient client = clients.get(i / 3 % 2); // now its own hold before, and now another client's
            Grant grant = granted("FT-1", client.contend(name, false, null));
            long before = last;
            last = grant.storeToken();
            check(
                    "FT-1",
                    grant.storeToken() > before,
                    () -> "a grant right after the release of one with the store's token " + before + " has "
                            + grant.storeToken());
            check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
        }
    }

    @Test
    @Proves({"FT-1", "FT-3"})
    void tokensRiseOverHoldsOfSeveralClients() throws Exception {
        String name = name();
        LockClient[] clients = {client(), client(), client()};
        long last = 0;
        for (int round = 0; round < ROUNDS; round++) {
            LockHandle hold = hold("FT-1", clients[round % clients.length], name);
            last = rising(last, hold);
            hold.release();
        }
    }

    /** A counter that lives in what clients leave, or begins with who comes first, begins anew when nobody is there. */
    @Test
    @Alone
    @Proves("FT-1")
    void tokensRiseWhenEveryClientHasGone() throws Exception {
        String name = name();
        long last = 0;
        for (int i = 0; i < 3; i++) {
            LockBackend backend = scene().backend();
            SpiClient client =
                    scene().endedByTheTest(backend, new SessionOptions(time().longLease(), name(), scene().runtime()));
            Grant grant = granted("FT-1", client.contend(name, false, null));
            check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
            done("CL-1", "close() of a session", client.session().close());
            result("CL-2", patience(), "close() of a backend", begin(() -> {
                backend.close();
                return true;
            }));
            long before = last;
            last = grant.storeToken();
            check(
                    "FT-1",
                    grant.storeToken() > before,
                    () -> "all clients had gone, the last hold's store token was " + before
                            + ", and the next client's has " + grant.storeToken());
        }
    }

    /** A counter with a time to live of its own ends when nobody has used the name for some leases. */
    @Test
    @Proves("FT-1")
    void tokensRiseOverATimeInWhichNobodyHolds() throws Exception {
        String name = name();
        Grant before = heldOnce(name);
        Await.pass(lease().multipliedBy(IDLE_LEASES));
        Grant after = heldOnce(name);
        check(
                "FT-1",
                after.storeToken() > before.storeToken(),
                () -> "after " + IDLE_LEASES + " leases in which nobody held, " + after + " came after " + before);
    }

    /** By a client with the short lease, which is gone then. */
    private Grant heldOnce(String name) throws Exception {
        Holder holder = holder("FT-1", name);
        done("UO-3", "release", holder.client().session().release(holder.grant()));
        done("CL-1", "close() of a session", holder.client().session().close());
        return holder.grant();
    }

    /** Of a token out of range there can be no grant, which other tests would only find missing. */
    @Test
    @Proves("FT-3")
    void aTokenIsInRange() throws Exception {
        granted("FT-3", spi().contend(name(), true, null));
    }

    @Test
    @Proves({"FT-1", "ME-6"})
    void aHandOffHasATokenOfItsOwn() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle hold = hold("FT-1", client, name);
        for (int round = 0; round < ROUNDS; round++) {
            Call<LockHandle> waiting = begin(() -> client.acquire(name));
            eventually("FT-1", () -> client.metrics().waiting() == 1, () -> "the second owner does not wait");
            hold.release();
            LockHandle next = result("FT-1", patience(), "the next owner", waiting);
            rising(hold.fencingToken(), next);
            hold = next;
        }
        long last = hold.fencingToken();
        hold.release();
        rising(last, hold("FT-1", client(), name));
    }

    @Test
    @Proves("FT-1")
    void aHoldAfterAForcedReleaseHasALargerToken() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        LockHandle forced = hold("FT-1", first, name);
        second.lock(name).forceUnlock();
        rising(forced.fencingToken(), hold("FT-1", second, name));
    }

    private long rising(long last, LockHandle hold) {
        long token = hold.fencingToken();
        check(
                "FT-1",
                token > last,
                () -> "'" + hold.name() + "' was given with token " + token + " after a hold with token " + last);
        check("FT-3", token >> HANDOFF_BITS < Grant.TOKEN_LIMIT, () -> "token " + token + " has more than 53 + 8 bits");
        return token;
    }

    @Test
    @Proves("FT-2")
    void reenteringKeepsTheToken() throws Exception {
        DistributedLock lock = client().lock(name());
        play("FT-2", "re-entering", () -> {
            lock.lock();
            long token = lock.fencingToken();
            lock.lock();
            check(
                    "FT-2",
                    lock.fencingToken() == token,
                    () -> "the second level has token " + lock.fencingToken() + ", the first had " + token);
            lock.unlock();
            check("FT-2", lock.fencingToken() == token, () -> "releasing a level changed the token");
            lock.unlock();
            return token;
        });
    }

    @Test
    @Proves("FT-3")
    void theStoreShowsTheFirstTokenOfAGrant() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle hold = hold("FT-3", client, name);
        LockInfo info = client().lock(name).inspect();
        check(
                "FT-3",
                info.fencingToken().orElse(0) == hold.fencingToken(),
                () -> "the holder has token " + hold.fencingToken() + ", the store shows " + info);
        check(
                "FT-3",
                hold.fencingToken() > 0 && hold.fencingToken() % (1 << HANDOFF_BITS) == 0,
                () -> "the first token of a grant is store token x 256, not " + hold.fencingToken());
    }

    @Test
    @Proves("FT-4")
    void aTokenThatIsNotAboveTheHighestSeenIsRefused() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockHandle seen = hold("FT-4", client, name);
        seen.release();
        long stale = seen.fencingToken() >> HANDOFF_BITS;
        tap.forge(grant -> new Grant(grant.name(), grant.contenderId(), stale, grant.basis(), grant.reference()));
        FencingRegressionException refused = throwing(
                "FT-4",
                FencingRegressionException.class,
                "acquiring with a store token that was seen before",
                () -> client.acquire(name, patience()));
        check("ER-1", says(refused, name), () -> "the error does not name the lock: " + refused);
        check(
                "FT-4",
                says(refused, "token-base"),
                () -> "the error does not name a token-base that helps: " + refused.getMessage());
        LockClient other = client();
        free("FT-4", other, name).release();
        tap.forge(grant -> grant);
        hold("FT-4", client, name);
    }

    @Test
    @Proves("FT-5")
    void aGuardRefusesTheOldHolder() throws Exception {
        String name = name();
        FencedGuard guard = new FencedGuard();
        LockHandle old = hold("FT-5", client(), name);
        LockClient second = client();
        check("FT-5", guard.accepts(old.fencingToken()), () -> "the guard refuses the first holder");
        second.lock(name).forceUnlock();
        LockHandle next = hold("FT-5", second, name);
        rising(old.fencingToken(), next);
        check("FT-5", guard.accepts(next.fencingToken()), () -> "the guard refuses the newest holder");
        check("FT-5", guard.accepts(next.fencingToken()), () -> "the guard refuses a second write of the holder");
        check("FT-5", !guard.accepts(old.fencingToken()), () -> "the guard accepts a holder after a newer one");
    }

    @Test
    @Proves({"FT-6", "IN-3"})
    void tokenBaseIsAddedToWhatAClientShowsAndTakenOffWhatItSends() throws Exception {
        String name = name();
        long base = 1L << 40;
        LockClient plain = client();
        LockClient lifted = client(config -> config.withTokenBase(base));
        LockHandle hold = hold("FT-6", lifted, name);
        LockInfo seenPlain = plain.lock(name).inspect();
        LockInfo seenLifted = lifted.lock(name).inspect();
        check(
                "FT-6",
                seenPlain.fencingToken().orElse(0) + base == hold.fencingToken(),
                () -> "with token-base " + base + " the hold has " + hold.fencingToken() + ", the store shows "
                        + seenPlain);
        check(
                "FT-6",
                seenLifted.fencingToken().orElse(0) == hold.fencingToken(),
                () -> "inspect shows " + seenLifted + " for a hold with " + hold.fencingToken());
        ForceOutcome outcome = lifted.forceUnlock(name, hold.fencingToken());
        check("FT-6", outcome == ForceOutcome.RELEASED, () -> "forceUnlock with the shown token answered " + outcome);
    }
}
