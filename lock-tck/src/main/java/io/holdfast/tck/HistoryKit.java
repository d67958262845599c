// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.witness.Checker;
import io.holdfast.tck.internal.witness.Checker.Terms;
import io.holdfast.tck.internal.witness.Event;
import io.holdfast.tck.internal.witness.Event.Kind;
import io.holdfast.tck.internal.witness.Finding;
import io.holdfast.tck.internal.witness.Journal;
import io.holdfast.tck.internal.witness.Witness;
import io.holdfast.tck.internal.witness.Witness.Task;
import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ME, FT, OR, WA and CR together: witnesses outside the clients write a history, and a checker reads it. */
abstract class HistoryKit extends Kit {
    private static final int WITNESSES = 4;
    private static final int ROUNDS = 25;
    private static final int STRIKES = 3;
    private static final Duration LONGEST_STAY = Duration.ofMillis(3);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private long seed;

    @BeforeEach
    void chooseSeed() {
        seed = Long.getLong("holdfast.tck.seed", System.nanoTime());
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    private Terms terms(boolean guarded) {
        return new Terms(
                capabilities().guarantee() == GuaranteeClass.A,
                capabilities().queues(),
                guarded,
                patience(),
                time().takeover());
    }

    private void judge(Terms terms, long end, int atLeast) throws Exception {
        List<Event> history = Journal.read(journal());
        List<Finding> findings = Checker.check(terms, history, end);
        if (!findings.isEmpty()) {
            Finding first = findings.get(0);
            RuleFailure failure = broken(first.rule(), first.seen() + " (seed " + seed + ")", null);
            findings.stream()
                    .skip(1)
                    .filter(finding -> !finding.rule().equals(first.rule()))
                    .forEach(finding -> failure.addSuppressed(broken(finding.rule(), finding.seen(), null)));
            throw failure;
        }
        long writes =
                history.stream().filter(event -> event.kind() == Kind.WROTE).count();
        check(
                "KE-1",
                writes >= atLeast,
                () -> "the witnesses wrote " + writes + " times, not " + atLeast + " (seed " + seed
                        + "): holds were lost without a fault");
    }

    @Test
    @Proves({"ME-1", "FT-1", "WA-7"})
    void clientsOfOneProcessTakeTurns() throws Exception {
        List<Call<Integer>> witnesses = new ArrayList<>();
        String name = name();
        for (int i = 0; i < WITNESSES; i++) {
            LockClient client = client();
            Task task = new Task(
                    "w" + i, name, journal(), folder.resolve("counter"), false, LONGEST_STAY, ROUNDS, seed + i);
            witnesses.add(begin(new Witness(client, task)));
        }
        for (Call<Integer> witness : witnesses) {
            result(
                    "WA-7",
                    patience().multipliedBy(3),
                    "a witness of " + ROUNDS + " rounds (seed " + seed + ")",
                    witness);
        }
        judge(terms(false), System.nanoTime(), WITNESSES * ROUNDS);
        // The checker has looked at the order where there is one.
        shows("OR-1", capabilities().queues(), NO_LINE);
    }

    private JavaProcess start(int index, String name, boolean guarded) throws Exception {
        claims(capabilities().sharedAcrossProcesses(), "the store is inside one JVM: no other process takes its locks");
        JavaProcess process = scene().keep(JavaProcess.start(
                WitnessMain.class, patience().multipliedBy(3), scene().processArguments(lease())));
        process.answer("ready");
        process.ask(
                String.join(
                        " ",
                        "witness",
                        "p" + index,
                        name,
                        journal().toString(),
                        folder.resolve("counter").toString(),
                        Boolean.toString(guarded),
                        Long.toString(LONGEST_STAY.toMillis()),
                        Long.toString(seed + index)),
                "begun");
        return process;
    }

    private void strike(int index) throws Exception {
        try (Journal written = new Journal(journal())) {
            written.write(new Event(System.nanoTime(), "p" + index, Kind.STRUCK, 0, 0, 0));
        }
    }

    @Test
    @Proves({"ME-1", "FT-1", "CR-1"})
    void processesTakeTurnsWhileSomeAreKilled() throws Exception {
        Random random = new Random(seed);
        String name = name();
        List<JavaProcess> processes = new ArrayList<>();
        for (int i = 0; i < WITNESSES - 1; i++) {
            processes.add(start(i, name, false));
        }
        for (int i = 0; i < STRIKES; i++) {
            Await.pass(Duration.ofMillis(50 + random.nextInt(200)));
            int victim = processes.size() - 1;
            strike(victim);
            processes.get(victim).kill();
            processes.add(start(victim + 1, name, false));
        }
        Await.pass(time().takeover().minus(patience()));
        long end = System.nanoTime();
        judge(terms(false), end, STRIKES);
    }

    @Test
    @Proves({"FT-1", "FT-5", "CR-2"})
    void theGuardHoldsWhileProcessesAreStoppedAndGoOn() throws Exception {
        claims(capabilities().scope() != LeaseScope.NONE, "a stopped process keeps its lock in a store without leases");
        String name = name();
        List<JavaProcess> processes = new ArrayList<>();
        for (int i = 0; i < WITNESSES - 1; i++) {
            processes.add(start(i, name, true));
        }
        Await.pass(time().moment());
        strike(0);
        processes.get(0).freeze();
        Await.pass(time().takeover().minus(patience()));
        processes.get(0).thaw();
        Await.pass(time().moment().multipliedBy(2));
        long end = System.nanoTime();
        judge(terms(true), end, STRIKES);
    }
}
