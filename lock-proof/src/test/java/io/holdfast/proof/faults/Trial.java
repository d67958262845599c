// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.LockClient;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.witness.Checker;
import io.holdfast.tck.internal.witness.Checker.Terms;
import io.holdfast.tck.internal.witness.Event;
import io.holdfast.tck.internal.witness.Event.Kind;
import io.holdfast.tck.internal.witness.Finding;
import io.holdfast.tck.internal.witness.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A cell of the matrix: two processes take one lock again and again while a fault strikes, then the history is judged. Each reads a
 * number, stays for a while, and writes it back with one more; the file that keeps it refuses old tokens.
 */
final class Trial implements AutoCloseable {
    /** Long enough to be met inside, short beside a lease. */
    static final Duration LONGEST_STAY = Duration.ofMillis(250);

    private final Ground ground;
    private final MatrixFault fault;
    private final Crew crew;
    private final Path journal;
    private final Path counter;
    private final String lock;
    private final long seed;
    private final Random random;
    private final List<Party> parties = new ArrayList<>();
    private int enlisted;
    private long began;
    private long disturbed;

    /** Who takes part. */
    interface Crew {
        Party start(Ground ground, String id);
    }

    Trial(Ground ground, MatrixFault fault, long seed, Crew crew) throws IOException {
        this.ground = ground;
        this.fault = fault;
        this.crew = crew;
        this.lock = "row-" + fault.row();
        this.journal = ground.folder().resolve(lock + ".journal");
        this.counter = ground.folder().resolve(lock + ".counter");
        this.seed = seed;
        this.random = new Random(seed);
        Files.createFile(journal);
    }

    /**
     * What a trial that broke nothing has shown.
     *
     * @param turns how many were finished
     * @param pause the longest in which none was, from the beginning of the fault on
     */
    record Outcome(long turns, Duration pause) {}

    Outcome run() throws Exception {
        act();
        judge();
        nothingIsLeft();
        return new Outcome(turns().size(), pause());
    }

    private void act() throws Exception {
        enlist();
        enlist();
        for (Party party : parties) {
            begin(party);
        }
        everybodyIsServed(ground.time().takeover());
        began = System.nanoTime();
        fault.strike(this);
        disturbed = System.nanoTime() - began;
        everybodyIsServed(ground.time().takeover());
        for (Party party : parties) {
            party.rest();
        }
    }

    /**
     * What a trial of another library has shown: counted, not thrown.
     *
     * @param findings what the history shows broken
     * @param stuck whether somebody had no turn any more
     * @param pause as of an {@link Outcome}
     */
    record Observation(List<Finding> findings, boolean stuck, Duration pause) {}

    Observation observe() throws Exception {
        boolean stuck = false;
        try {
            act();
        } catch (AssertionError | IllegalStateException e) {
            stuck = true;
        }
        Duration bound = Duration.ofHours(1); // a pause is shown as such
        Terms terms = new Terms(true, false, false, bound, bound);
        return new Observation(Checker.check(terms, events(), System.nanoTime()), stuck, pause());
    }

    private List<Long> turns() throws IOException {
        return events().stream()
                .filter(event -> event.kind() == Kind.WROTE)
                .map(Event::nanos)
                .sorted()
                .toList();
    }

    private Duration pause() throws IOException {
        long pause = 0;
        long last = began;
        for (long turn : turns()) {
            if (turn - began > 0) {
                pause = Math.max(pause, turn - last);
                last = turn;
            }
        }
        return Duration.ofNanos(pause);
    }

    private void enlist() throws Exception {
        parties.add(crew.start(ground, "p" + seed + "-" + fault.row() + "-" + enlisted++));
    }

    private void begin(Party party) throws Exception {
        party.awaitReady();
        party.begin(lock, journal, counter, seed);
    }

    private List<Event> events() throws IOException {
        return Journal.read(journal);
    }

    // ---- for faults

    Ground ground() {
        return ground;
    }

    Random random() {
        return random;
    }

    List<Party> parties() {
        return List.copyOf(parties);
    }

    /** Waits until one of them holds. */
    Party holder() throws Exception {
        List<Party> found = new ArrayList<>();
        if (!Await.until(ground.time().takeover(), () -> found.addAll(holders()))) {
            throw new AssertionError(
                    "WA-7: nobody holds within " + ground.time().takeover());
        }
        return found.get(0);
    }

    private List<Party> holders() throws IOException {
        Map<String, Event> latest = new HashMap<>();
        events().forEach(event -> latest.put(event.witness(), event));
        return parties.stream()
                .filter(party -> party.witnesses().stream()
                        .map(latest::get)
                        .anyMatch(event -> event != null
                                && (event.kind() == Kind.HELD
                                        || event.kind() == Kind.READ
                                        || event.kind() == Kind.VALID)))
                .toList();
    }

    Party other(Party party) {
        return parties.stream().filter(one -> one != party).findFirst().orElseThrow();
    }

    /** Writes into the history that a process is killed or stopped now. */
    void struck(Party party) throws IOException {
        try (Journal written = new Journal(journal)) {
            for (String witness : party.witnesses()) {
                written.write(new Event(System.nanoTime(), witness, Kind.STRUCK, 0, 0, 0));
            }
        }
    }

    /** Another process comes in place of one that was killed. */
    void replace(Party killed) throws Exception {
        parties.remove(killed);
        killed.close();
        enlist();
        begin(parties.get(parties.size() - 1));
    }

    void pass(double leases) throws InterruptedException {
        Await.pass(Duration.ofNanos((long) (leases * ground.time().lease().toNanos())));
    }

    /** Waits until each process has finished a turn since now. */
    void everybodyIsServed(Duration within) throws Exception {
        long since = System.nanoTime();
        for (Party party : parties) {
            boolean served = Await.until(within, () -> events().stream()
                    .anyMatch(event -> event.kind() == Kind.WROTE
                            && event.nanos() - since > 0
                            && party.witnesses().contains(event.witness())));
            if (!served) {
                throw new AssertionError("CR-1, WA-7: process " + party + " had no turn for " + within);
            }
        }
    }

    // ---- the verdict

    private void judge() throws IOException {
        Duration bound = Duration.ofNanos(disturbed).plus(ground.time().takeover());
        Terms terms = new Terms(ground.capabilities().guarantee() == GuaranteeClass.A, false, true, bound, bound);
        List<Finding> findings = Checker.check(terms, events(), System.nanoTime());
        if (!findings.isEmpty()) {
            throw new AssertionError("seed " + seed + ": " + findings + "; the history:\n" + Files.readString(journal));
        }
    }

    private void nothingIsLeft() throws Exception {
        parties.forEach(Party::close);
        try (LockClient administrator = ground.administrator()) {
            if (!Await.until(
                    ground.time().takeover(), () -> administrator.list().isEmpty())) {
                throw new AssertionError("LK-1: all processes have ended, and left are " + administrator.list());
            }
        }
    }

    @Override
    public void close() {
        parties.forEach(Party::close);
    }
}
