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
import io.holdfast.tck.internal.witness.Excerpt;
import io.holdfast.tck.internal.witness.Finding;
import io.holdfast.tck.internal.witness.Journal;
import io.holdfast.tck.internal.witness.Witness;
import io.holdfast.tck.internal.witness.Witness.Stays;
import io.holdfast.tck.internal.witness.Witness.Task;
import io.holdfast.tck.process.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ME, FT, OR, WA and CR together: witnesses outside the clients write a history, and a checker reads it. */
@Alone
abstract class HistoryKit extends Kit {
    private static final int WITNESSES = 4;

    /** For {@link Level#GUARDED_OPERATIONS}, or as many as a slow store has in it. */
    private static final int TURNS_MILLIS = 20_000;

    private static final int MANY_TURNS = 1_000_000;
    private static final int CHAPTER_MILLIS = 600_000;
    private static final int STRIKES = 3;
    private static final long KILLED = 0;

    /** Of the clients of one process, which make the many turns. */
    private static final Stays SHORT = new Stays(16, Duration.ofMillis(3));

    /** Of processes: they go on until a lease has ended. */
    private static final Duration LONGEST_OF_PROCESSES = Duration.ofMillis(10);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private long seed;

    @BeforeEach
    void chooseSeed() {
        seed = scene().run().seed();
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
        judge(terms, end, atLeast, null);
    }

    /** Judges what was seen, also when a witness got stuck: what the history shows is the cause more often than that. */
    private void judge(Terms terms, long end, int atLeast, @Nullable RuleFailure stuck) throws Exception {
        List<Event> history = Journal.read(journal());
        List<Finding> findings = Checker.check(terms, history, end);
        if (!findings.isEmpty()) {
            Finding first = findings.get(0);
            scene().run().tally().show(Excerpt.of(first, history));
            RuleFailure failure = broken(
                    first.rule(),
                    first.seen() + " (seed " + seed + "; the history is kept in " + KeptHistories.keep(journal()) + ")",
                    null);
            if (stuck != null) {
                failure.addSuppressed(stuck);
            }
            Set<String> told = new HashSet<>(Set.of(first.rule()));
            findings.stream().filter(finding -> told.add(finding.rule())).forEach(finding -> {
                scene().run().tally().show(Excerpt.of(finding, history));
                failure.addSuppressed(broken(finding.rule(), finding.seen(), null));
            });
            throw failure;
        }
        if (stuck != null) {
            throw stuck;
        }
        long writes =
                history.stream().filter(event -> event.kind() == Kind.WROTE).count();
        scene().run().tally().guarded(writes);
        check(
                "KE-1",
                writes >= atLeast,
                () -> "the witnesses wrote " + writes + " times, not " + atLeast + " (seed " + seed
                        + "): holds were lost without a fault");
    }

    @Test
    @Proves({"ME-1", "FT-1", "WA-7"})
    void clientsOfOneProcessTakeTurns() throws Exception {
        takeTurns(clients(), time().scaled(TURNS_MILLIS));
        // The checker has looked at the order where there is one.
        shows("OR-1", capabilities().queues(), NO_LINE);
    }

    /** The same for as long as it takes, in chapters that are judged each by itself. */
    @Test
    @Tag("long")
    @Proves({"ME-1", "FT-1", "WA-7"})
    void clientsOfOneProcessTakeAMillionTurns() throws Exception {
        List<LockClient> clients = clients();
        for (int turns = 0; turns < MANY_TURNS; ) {
            turns += takeTurns(clients, time().scaled(CHAPTER_MILLIS));
            Files.delete(journal());
        }
    }

    private List<LockClient> clients() throws Exception {
        List<LockClient> clients = new ArrayList<>();
        for (int i = 0; i < WITNESSES; i++) {
            clients.add(client());
        }
        return clients;
    }

    /** Begun only when all clients are there: the first must not be done before the last comes, or nobody contends. */
    private int takeTurns(List<LockClient> clients, Duration most) throws Exception {
        String name = name();
        Path counter = folder.resolve("counter-" + name);
        List<Witness> witnesses = new ArrayList<>();
        List<Call<Integer>> calls = new ArrayList<>();
        for (LockClient client : clients) {
            int index = witnesses.size();
            int rounds = (int) Level.GUARDED_OPERATIONS / WITNESSES;
            Task task = new Task("w" + index, name, journal(), counter, false, SHORT, rounds, seed + index);
            witnesses.add(new Witness(client, task));
        }
        witnesses.forEach(witness -> calls.add(begin(witness)));
        Await.until(most, () -> calls.stream().allMatch(Call::isDone));
        witnesses.forEach(Witness::stop);
        int turns = 0;
        RuleFailure stuck = null;
        for (Call<Integer> call : calls) {
            try {
                turns += result(
                        "WA-7",
                        stuck == null ? patience().multipliedBy(3) : time().moment(),
                        "the last turn of a witness (seed " + seed + ")",
                        call);
            } catch (RuleFailure e) {
                stuck = stuck == null ? e : stuck;
            }
        }
        judge(terms(false), System.nanoTime(), turns, stuck);
        return turns;
    }

    private JavaProcess start(int index, String name, boolean guarded) throws Exception {
        claims(capabilities().sharedAcrossProcesses(), "the store is inside one JVM: no other process takes its locks");
        JavaProcess process = scene().process(lease());
        process.ask(
                String.join(
                        " ",
                        "witness",
                        "p" + index,
                        name,
                        journal().toString(),
                        folder.resolve("counter").toString(),
                        Boolean.toString(guarded),
                        Long.toString(LONGEST_OF_PROCESSES.toMillis()),
                        Long.toString(seed + index)),
                "begun");
        return process;
    }

    private void strike(int index, long how) throws Exception {
        try (Journal written = new Journal(journal())) {
            written.write(new Event(System.nanoTime(), "p" + index, Kind.STRUCK, 0, 0, how));
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
            strike(victim, KILLED);
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
        strike(0, Event.STOPPED);
        processes.get(0).freeze();
        Await.pass(time().takeover().minus(patience()));
        processes.get(0).thaw();
        Await.pass(time().moment().multipliedBy(2));
        long end = System.nanoTime();
        judge(terms(true), end, STRIKES);
    }
}
