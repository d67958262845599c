// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The rules with a hand on the link and the server; skipped, with the reason, where the fixture has none. */
@Alone
abstract class FaultsKit extends Kit {
    private LockConfig impatient(LockConfig config) {
        return config.withLease(lease()).withOperationTimeout(time().scaled(500));
    }

    @Test
    @Proves({"LO-1", "LO-2", "LO-3", "LO-6", "ME-4"})
    void aHolderThatIsCutOffLosesItsHoldOnceAndForGood() throws Exception {
        needsLease();
        String name = name();
        LockClient client = client(this::impatient);
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-1", client, name);
        faults().cutLink();
        long cut = System.nanoTime();
        within("LO-2", lease().plus(patience()), () -> heard.has("lost", name), () -> "no loss was announced");
        Duration after = Duration.ofNanos(heard.all("lost", name).get(0).at() - cut);
        check(
                "LO-2",
                after.compareTo(lease().plus(time().scaled(1000))) < 0,
                () -> "the loss was announced " + after + " after the cut, with a lease of " + lease());
        check("LO-1", !hold.isValid(), () -> "a hold is valid after its loss was announced");
        check("LO-6", heard.has("suspect", name), () -> "a hold was lost without a warning: " + heard.kinds(name));
        faults().heal();
        Await.pass(time().moment().multipliedBy(2));
        check("ME-4", !hold.isValid(), () -> "a late answer made a lost hold valid again");
        LockHandle next = result(
                "ME-4",
                time().takeover(),
                "the same client, after the link was healed,",
                begin(() -> client.acquire(name)));
        check(
                "FT-1",
                next.fencingToken() > hold.fencingToken(),
                () -> "token " + next.fencingToken() + " after " + hold.fencingToken());
        check("LO-3", heard.losses().size() == 1, () -> "one loss was announced as " + heard.losses());
    }

    @Test
    @Proves({"UO-1", "WA-1", "WA-3"})
    void aTryWhoseStoreIsCutOffEndsInTimeAndIsNotCalledBusy() throws Exception {
        String name = name();
        LockClient client = client(this::impatient);
        hold("UO-1", client, name()).release();
        faults().cutLink();
        for (Duration limit : new Duration[] {Duration.ZERO, time().moment().multipliedBy(2)}) {
            long begun = System.nanoTime();
            Call<?> trying = begin(() -> client.lock(name).tryLock(limit));
            thrown("UO-1", LockUnavailableException.class, "tryLock(" + limit + ") with the link cut", trying);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            Duration bound = limit.plus(time().scaled(500)).plus(time().scaled(2000));
            check("WA-1", took.compareTo(bound) < 0, () -> "tryLock(" + limit + ") with the link cut took " + took);
        }
        Call<?> waiting = begin(() -> client.acquire(name, patience().multipliedBy(2)));
        stays("WA-6", waiting, () -> "a wait with a limit ended at the first failure of the store");
        waiting.thread().interrupt();
        thrown("WA-3", InterruptedException.class, "an interrupted wait with the link cut", waiting);
    }

    @Test
    @Proves({"WA-6", "WA-5"})
    void aWaitRidesThroughACut() throws Exception {
        String name = name();
        LockClient client = client(this::impatient);
        hold("WA-6", client, name()).release();
        faults().cutLink();
        Call<LockHandle> waiting = begin(() -> client.acquire(name, patience().multipliedBy(3)));
        Await.pass(time().scaled(1000)); // longer than an operation-timeout: the first request is given up
        faults().heal();
        LockHandle hold = result("WA-6", patience().plus(lease()), "a wait, after the link was healed,", waiting);
        check("WA-6", hold.isValid(), () -> "a wait that rode through a cut was given a hold that is not valid");
        hold.release();
        free("WA-5", client(), name);
    }

    @Test
    @Proves("UO-6")
    void aReleaseIntoACutIsUnknownAndTakesEffectAfterwards() throws Exception {
        String name = name();
        LockClient client = client(this::impatient);
        LockHandle hold = hold("UO-6", client, name);
        faults().cutLink();
        ReleaseOutcome outcome = result("UO-6", patience(), "release() with the link cut", begin(hold::release));
        check("UO-6", outcome == ReleaseOutcome.UNKNOWN, () -> "release() with the link cut answered " + outcome);
        check("UO-6", !hold.isValid(), () -> "a hold is valid after its release");
        faults().heal();
        LockClient other = client();
        result(
                "UO-6",
                time().takeover(),
                "another client, after the link was healed,",
                begin(() -> other.acquire(name)));
    }

    @Test
    @Proves({"CL-2", "CL-1", "CR-1"})
    void closeIsBoundedWithTheLinkCutAndKeepsNothingAlive() throws Exception {
        String name = name();
        Duration limit = time().moment().multipliedBy(2);
        LockClient client = client(config -> impatient(config).withCloseTimeout(limit));
        hold("CL-2", client, name);
        faults().cutLink();
        long begun = System.nanoTime();
        result("CL-2", limit.plus(patience()), "close with the link cut", begin(() -> {
            client.close();
            return true;
        }));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check(
                "CL-2",
                took.compareTo(limit.plus(time().scaled(2000))) < 0,
                () -> "close took " + took + " with a " + "close-timeout of " + limit);
        faults().heal();
        LockClient next = client();
        result(
                "CR-1",
                time().takeover(),
                "another client, after one that could not say that it closes,",
                begin(() -> next.acquire(name)));
    }

    @Test
    @Proves({"LO-5", "LO-3"})
    void anExpiredSessionIsNoticedByItsHolder() throws Exception {
        String name = name();
        String label = "kit-expired";
        LockClient client = client(config -> config.withLease(lease()).withLabel(label));
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-5", client, name);
        faults().expireSession(label);
        within(
                "LO-5",
                lease().plus(patience()),
                () -> heard.has("lost", name),
                () -> "the session is gone, and no loss " + "was announced");
        check("LO-5", !hold.isValid(), () -> "a hold of an expired session is valid");
        hold("LO-5", client, name);
        check("LO-3", heard.losses().size() == 1, () -> "one loss was announced as " + heard.losses());
    }

    @Test
    @Proves({"WA-5", "WA-6"})
    void aWaiterWhoseSessionExpiredContendsAnew() throws Exception {
        String name = name();
        String label = "kit-expired-waiter";
        LockHandle before = hold("WA-6", client(), name);
        LockClient client = client(config -> config.withLease(lease()).withLabel(label));
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        inLine("WA-6", client, name, 2);
        faults().expireSession(label);
        stays("WA-5", waiting, () -> "a waiter whose session has ended was given the lock beside its holder");
        before.release();
        LockHandle hold = result("WA-6", time().takeover(), "a waiter whose session had expired", waiting);
        check("WA-5", hold.isValid(), () -> "a waiter whose session had expired was given a hold that is not valid");
    }

    @Test
    @Proves({"WA-6", "FT-1"})
    void waitsAndTokensOutliveARestartOfTheServer() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle before = hold("FT-1", client, name);
        before.release();
        faults().restartServer(true);
        LockHandle after =
                result("WA-6", time().takeover(), "acquiring after a restart", begin(() -> client.acquire(name)));
        check(
                "FT-1",
                after.fencingToken() > before.fencingToken(),
                () -> "after a restart with its data the store gave " + after.fencingToken() + ", before it "
                        + before.fencingToken());
    }

    @Test
    @Proves({"WA-6", "ME-1", "FT-1"})
    void aWaiterOutlivesARestartOfTheServer() throws Exception {
        String name = name();
        LockHandle before = hold("WA-6", client(), name);
        LockClient client = client();
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        inLine("WA-6", client, name, 2);
        faults().restartServer(true);
        Await.pass(time().moment());
        check(
                "ME-1",
                !waiting.isDone() || !before.isValid(),
                () -> "a restart with its data gave a waiter the lock beside its holder");
        before.release();
        LockHandle after = result("WA-6", time().takeover(), "a waiter, after a restart and the release,", waiting);
        check("WA-6", after.isValid(), () -> "a waiter was given a hold that is not valid");
        check(
                "FT-1",
                after.fencingToken() > before.fencingToken(),
                () -> "token " + after.fencingToken() + " after " + before.fencingToken());
    }

    @Test
    @Proves("FT-4")
    void aStoreThatLostItsDataIsNoticed() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle before = hold("FT-4", client, name);
        before.release();
        faults().restartServer(false);
        Call<LockHandle> again = begin(() -> client.acquire(name, time().takeover()));
        try {
            LockHandle after = again.get(time().takeover().plus(patience()));
            check(
                    "FT-4",
                    after.fencingToken() > before.fencingToken(),
                    () -> "the store lost its data and gave " + after.fencingToken() + " after " + before.fencingToken()
                            + ", and the client took it");
        } catch (java.util.concurrent.ExecutionException e) {
            check(
                    "FT-4",
                    e.getCause() instanceof FencingRegressionException,
                    () -> "the store lost its data, and the " + "client said " + e.getCause());
        }
    }

    @Test
    @Proves({"CR-2", "FT-1"})
    void aServerThatStoodStillEndsNoExclusion() throws Exception {
        String name = name();
        LockClient first = client(config -> config.withLease(lease()));
        LockClient second = client(config -> config.withLease(lease()));
        LockHandle hold = hold("CR-2", first, name);
        Call<LockHandle> waiting = begin(() -> second.acquire(name));
        faults().stopServer();
        Await.pass(lease().multipliedBy(2));
        check("CR-2", !hold.isValid(), () -> "no renewal was answered for two leases, and the hold is valid");
        faults().heal();
        LockHandle next = result("CR-2", time().takeover(), "the next client", waiting);
        check(
                "FT-1",
                next.fencingToken() > hold.fencingToken(),
                () -> "token " + next.fencingToken() + " after " + hold.fencingToken());
    }
}
