// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.spi.Contender;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.Grant;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.Tap;
import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** CR: a holder that dies, or stands still, makes way for the next one. */
abstract class CrashKit extends SpiCase {
    private void needsProcesses() {
        claims(capabilities().sharedAcrossProcesses(), "the store is inside one JVM: no other process holds its locks");
    }

    private JavaProcess holder() throws Exception {
        needsProcesses();
        return start();
    }

    private JavaProcess start() throws Exception {
        return scene().process(lease());
    }

    @Test
    @Proves({"CR-1", "ME-1", "FT-1", "SP-6"})
    void theStoreKeepsASilentHolderForItsLeaseAndFreesItInTime() throws Exception {
        needsSilence();
        String name = name();
        SpiClient next = scene().spi(time().longLease());
        Holder holder = holder("CR-1", name);
        SpiClient silent = holder.client();
        Grant grant = holder.grant();
        long basis = basis(silent, grant);
        Call<Grant> taking = begin(() -> take(next, name));
        Grant taken = result("CR-1", time().takeover(), "the next client, behind one that fell silent,", taking);
        Duration kept = Duration.ofNanos(System.nanoTime() - basis);
        if (capabilities().guarantee() == GuaranteeClass.A) {
            check(
                    "ME-1",
                    kept.compareTo(lease()) >= 0,
                    () -> "the store gave the lock of a silent client on after " + kept + ", before its lease of "
                            + lease() + " was over: it is valid still");
        }
        check(
                "FT-1",
                taken.storeToken() > grant.storeToken(),
                () -> "the next token is " + taken.storeToken() + " after " + grant.storeToken());
        check(
                "UO-3",
                !silent.session()
                        .release(grant)
                        .handle((gone, failure) -> failure == null && gone)
                        .toCompletableFuture()
                        .get(),
                () -> "an expired grant was released");
        var stored = next.backend().inspect(name).toCompletableFuture().get();
        check(
                "UO-3",
                stored.storeToken() == taken.storeToken(),
                () -> "the release of an expired grant touched the next " + "one: " + stored);
    }

    @Test
    @Proves({"ME-4", "CR-1"})
    void aRenewalThatComesAfterTheNextGrantRevivesNothing() throws Exception {
        needsSilence();
        String name = name();
        SpiClient next = scene().spi(time().longLease());
        Holder holder = holder("CR-1", name);
        SpiClient silent = holder.client();
        Grant grant = holder.grant();
        Call<Grant> taking = begin(() -> take(next, name));
        Grant taken = result("CR-1", time().takeover(), "the next client, behind one that fell silent,", taking);
        long basis = silent.session().basis();
        String answer = result("ME-4", patience(), "a renewal of what has expired", begin(() -> silent.session()
                .renew(List.of(holder.contender()))
                .handle((renewal, failure) -> said(holder.contender(), renewal))
                .toCompletableFuture()
                .get()));
        check(
                "ME-4",
                !answer.startsWith("Holding"),
                () -> "a renewal of what has expired, and was given on, says that it is held: " + answer);
        check(
                "ME-4",
                !answer.startsWith("nothing") || silent.session().basis() == basis,
                () -> "a renewal of what has expired failed, and the session's lease is counted from it");
        var stored = next.backend().inspect(name).toCompletableFuture().get();
        check(
                "ME-4",
                stored.storeToken() == taken.storeToken(),
                () -> "a renewal of the expired " + grant + " touched the next one: " + stored);
    }

    /** What a renewal says of a contender. */
    private static String said(Contender contender, @Nullable Renewal renewal) {
        return renewal == null
                ? "nothing, it failed"
                : String.valueOf(renewal.statuses().get(contender.request().contenderId()));
    }

    @Test
    @Proves({"CR-1", "LO-1"})
    void aWaiterHoldsInTimeAfterAClientFellSilent() throws Exception {
        needsSilence();
        String name = name();
        Tap tap = new Tap();
        LockHandle hold = hold("CR-1", shortLived(tap), name);
        LockClient next = client();
        Call<LockHandle> waiting = begin(() -> next.acquire(name));
        tap.silence();
        LockHandle taken = result("CR-1", time().takeover(), "a waiter behind a client that fell silent", waiting);
        check("LO-1", !hold.isValid(), () -> "the silent client's hold is valid beside the next one's");
        check(
                "FT-1",
                taken.fencingToken() > hold.fencingToken(),
                () -> "token " + taken.fencingToken() + " after " + hold.fencingToken());
    }

    @Test
    @Alone
    @Proves("CR-1")
    void aWaiterHoldsInTimeAfterTheHoldersProcessWasKilled() throws Exception {
        String name = name();
        JavaProcess holder = holder();
        long token = Long.parseLong(holder.ask("acquire " + name, "held")[1]);
        // Who waits, and who holds something else, renews meanwhile: that must not keep the dead one's lock.
        LockHandle neighbour = hold("CR-1", shortLived(new Tap()), name());
        LockClient client = shortLived(new Tap());
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        inLine("CR-1", client, name, 2);
        long killed = holder.kill();
        LockHandle taken = result("CR-1", time().takeover(), "a waiter behind a process that was killed", waiting);
        Duration after = Duration.ofNanos(System.nanoTime() - killed);
        check("CR-1", after.compareTo(time().takeover()) <= 0, () -> "the takeover took " + after);
        check("KE-1", neighbour.isValid(), () -> "the death of one process ended the hold of another one");
        check("FT-1", taken.fencingToken() > token, () -> "token " + taken.fencingToken() + " after " + token);
    }

    @Test
    @Alone
    @Proves("CR-1")
    void aWaiterHoldsInTimeAfterAWaiterBeforeItWasKilled() throws Exception {
        String name = name();
        JavaProcess dead = holder();
        LockHandle hold = hold("CR-1", client(), name);
        dead.send("acquire " + name);
        LockClient client = client();
        inLine("CR-1", client, name, 2);
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        dead.kill();
        hold.release();
        result("CR-1", time().takeover(), "a waiter behind a waiter that was killed", waiting);
    }

    @Test
    @Alone
    @Proves({"CR-2", "LO-1", "LO-3"})
    void aStoppedProcessFindsItsHoldLost() throws Exception {
        needsLease();
        String name = name();
        JavaProcess holder = holder();
        long token = Long.parseLong(holder.ask("acquire " + name, "held")[1]);
        check("CR-2", holder.ask("valid", "valid")[1].equals("true"), () -> "a new hold is not valid");
        LockClient client = client();
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        holder.freeze();
        LockHandle taken = result("CR-2", time().takeover(), "a waiter behind a process that was stopped", waiting);
        check("FT-1", taken.fencingToken() > token, () -> "token " + taken.fencingToken() + " after " + token);
        holder.send("valid");
        holder.thaw();
        String[] asked = holder.answer("valid");
        check(
                "CR-2",
                asked[1].equals("false"),
                () -> "a process that was stopped beyond its lease says that its hold is "
                        + "valid, while another holds");
        eventually(
                "LO-3",
                () -> holder.ask("valid", "valid")[3].equals("1"),
                () -> "the process did not learn of its loss");
    }

    @Test
    @Alone
    @Proves({"CL-5", "CR-1"})
    void aProgramThatEndsWithoutClosingEndsAndItsLocksPassOn() throws Exception {
        String name = name();
        JavaProcess program = start();
        program.ask("acquire " + name, "held");
        program.send(WitnessMain.FORGET);
        check(
                "CL-5",
                Await.until(patience(), () -> !program.isAlive()),
                () -> "the main method of a program that holds a lock has ended, and the program had not after "
                        + DurationFormat.show(patience()));
        LockClient next = client();
        result(
                "CR-1",
                time().takeover(),
                "who comes after a program that ended without a close",
                begin(() -> next.acquire(name)));
    }

    @Test
    @Alone
    @Proves("SP-6")
    void aStoreSaidToBeOfOneProcessIsNotSharedWithAnother() throws Exception {
        claims(!capabilities().sharedAcrossProcesses(), "the store is shared across processes, and is tested as such");
        String name = name();
        hold("SP-6", client(), name);
        JavaProcess other = start();
        other.send("acquire " + name);
        check(
                "SP-6",
                Await.until(patience(), other::hasAnswered),
                () -> "the store is declared to be of one process, and another process waits for what this one holds");
    }

    @Test
    @Alone
    @Proves("CR-2")
    void aStoppedProcessKeepsItsHoldInAStoreWithoutLeases() throws Exception {
        claims(capabilities().scope() == LeaseScope.NONE, "the store has leases");
        String name = name();
        JavaProcess holder = holder();
        holder.ask("acquire " + name, "held");
        LockClient client = client();
        holder.freeze();
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        stays("CR-2", waiting, () -> "the lock of a stopped process was given on");
        holder.thaw();
        check(
                "CR-2",
                holder.ask("valid", "valid")[1].equals("true"),
                () -> "the process that was stopped lost its hold");
        holder.ask("release", "released");
        result("CR-2", patience(), "a waiter, after the release,", waiting);
    }
}
