// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.witness.Checker;
import io.holdfast.tck.internal.witness.Checker.Terms;
import io.holdfast.tck.internal.witness.Event;
import io.holdfast.tck.internal.witness.Event.Kind;
import io.holdfast.tck.internal.witness.Finding;
import io.holdfast.tck.internal.witness.Journal;
import io.holdfast.tck.internal.witness.Witness;
import io.holdfast.tck.internal.witness.Witness.Stays;
import io.holdfast.tck.internal.witness.Witness.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ME and WA while the store cannot be reached: skipped, with the reason, where the fixture has no hand on link and server. */
@Alone
abstract class OutageKit extends Kit {
    private static final int WITNESSES = 3;
    private static final int CUTS = 2;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private LockConfig impatient(LockConfig config) {
        return config.withLease(lease()).withOperationTimeout(time().scaled(500));
    }

    @Test
    @Proves({"ME-1", "FT-1", "WA-6"})
    void clientsTakeTurnsWhileTheLinkIsCutAndTheServerIsRestarted() throws Exception {
        String name = name();
        Path journal = folder.resolve("journal");
        long seed = System.nanoTime();
        List<Witness> witnesses = new ArrayList<>();
        List<Call<Integer>> turns = new ArrayList<>();
        for (int i = 0; i < WITNESSES; i++) {
            Task task = new Task(
                    "w" + i,
                    name,
                    journal,
                    folder.resolve("counter"),
                    false,
                    new Stays(16, Duration.ofMillis(3)),
                    Integer.MAX_VALUE,
                    seed + i);
            Witness witness = new Witness(client(this::impatient), task);
            witnesses.add(witness);
            turns.add(begin(witness));
        }
        for (int i = 0; i < CUTS; i++) {
            Await.pass(time().moment());
            faults().cutLink();
            Await.pass(time().moment());
            faults().heal();
        }
        faults().restartServer(true);
        long served = System.nanoTime();
        within(
                "WA-6",
                time().takeover(),
                () -> Journal.read(journal).stream()
                        .anyMatch(event -> event.kind() == Kind.WROTE && event.nanos() - served > 0),
                () -> "the server was restarted, and nobody has got the lock since");
        witnesses.forEach(Witness::stop);
        for (Call<Integer> turn : turns) {
            result("WA-6", time().takeover(), "a witness, after the restart,", turn);
        }
        Terms terms = new Terms(
                capabilities().guarantee() == GuaranteeClass.A,
                capabilities().queues(),
                false,
                time().takeover(),
                time().takeover());
        List<Event> history = Journal.read(journal);
        List<Finding> findings = Checker.check(terms, history, System.nanoTime());
        if (!findings.isEmpty()) {
            throw broken(findings.get(0).rule(), findings.get(0).seen() + " (seed " + seed + ")", null);
        }
    }

    @Test
    @Proves("WA-6")
    void whoWaitsWhileTheServerIsRestartedHoldsAfterTheHolder() throws Exception {
        String name = name();
        LockHandle before = hold("WA-6", client(), name);
        LockClient waiter = client();
        Call<Boolean> limited = begin(() -> {
            try (LockHandle hold = waiter.acquire(name, time().takeover().multipliedBy(2))) {
                return hold.isValid();
            }
        });
        LockClient other = client();
        DistributedLock lock = other.lock(name);
        Call<Boolean> unlimited = begin(() -> {
            lock.lock();
            try {
                return lock.isHeldByCurrentThread();
            } finally {
                lock.unlock();
            }
        });
        eventually(
                "WA-6",
                () -> waiter.metrics().waiting() + other.metrics().waiting() == 2,
                () -> "waiting: " + waiter.metrics() + other.metrics());
        faults().restartServer(true);
        stays("WA-6", limited, () -> "a wait with a limit ended when the server was restarted");
        stays("WA-6", unlimited, () -> "lock() ended when the server was restarted");
        check("ME-1", before.isValid(), () -> "the holder lost its lock by a restart of the server with its data");
        before.release();
        for (Call<Boolean> wait : List.of(limited, unlimited)) {
            check(
                    "WA-6",
                    result("WA-6", time().takeover(), "a waiter, after a restart of the server,", wait),
                    () -> "a waiter was given a hold that is not valid after a restart of the server");
        }
    }
}
