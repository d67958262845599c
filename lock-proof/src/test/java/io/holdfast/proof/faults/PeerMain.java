// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.tck.internal.witness.Event;
import io.holdfast.tck.internal.witness.Event.Kind;
import io.holdfast.tck.internal.witness.GuardedCounter;
import io.holdfast.tck.internal.witness.Journal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * The witness of a Holdfast client, by another library's lock: the same commands, the same steps, the same journal. A token, where the
 * library has none, is the time of the grant; nothing is refused by it.
 */
final class PeerMain {
    private final PeerLock.Client client;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    private PeerMain(PeerLock.Client client) {
        this.client = client;
    }

    /** {@code PEER ENDPOINT LEASE-MILLIS}. */
    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what the libraries print is no answer
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        commands.readLine();
        Duration lease = Duration.ofMillis(Long.parseLong(args[2]));
        PeerMain main = new PeerMain(Peers.valueOf(args[0]).open(args[1], lease));
        answers.println("ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.equals("rest")) {
                main.rest();
                answers.println("resting");
            } else {
                main.begin(line.split(" "));
                answers.println("begun");
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private void rest() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** {@code witness ID LOCK JOURNAL COUNTER GUARDED LONGEST-MILLIS SEED}. */
    private void begin(String[] parts) throws Exception {
        Visits visits = new Visits(
                parts[1],
                client.lock(parts[2]),
                new Journal(Path.of(parts[3])),
                new GuardedCounter(Path.of(parts[4]), false),
                Long.parseLong(parts[6]),
                new Random(Long.parseLong(parts[7])));
        Thread thread = new Thread(() -> run(visits), parts[1]);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void run(Visits visits) {
        for (int attempt = 1; !stopped; attempt++) {
            try {
                visits.visit(attempt);
            } catch (Exception e) {
                System.err.println(visits.id() + ": " + e); // an application would try again
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Visits(
            String id, PeerLock lock, Journal journal, GuardedCounter counter, long longestMillis, Random random) {
        void visit(int attempt) throws Exception {
            write(Kind.ASKED, attempt, 0, 0);
            lock.acquire();
            long token = System.nanoTime();
            write(Kind.HELD, attempt, token, 0);
            try {
                stay(attempt, token);
            } finally {
                write(Kind.LEFT, attempt, token, 0);
                lock.release();
            }
        }

        private void stay(int attempt, long token) throws Exception {
            OptionalLong read = holds(attempt, token) ? counter.read(token) : OptionalLong.empty();
            if (read.isPresent()) {
                write(Kind.READ, attempt, token, read.getAsLong());
                Thread.sleep((long) (random.nextDouble() * longestMillis));
                if (holds(attempt, token) && counter.write(token, read.getAsLong() + 1)) {
                    write(Kind.WROTE, attempt, token, read.getAsLong() + 1);
                    holds(attempt, token);
                }
            }
        }

        private boolean holds(int attempt, long token) throws Exception {
            long before = System.nanoTime();
            boolean held = lock.isHeld();
            if (held) {
                journal.write(new Event(before, id, Kind.VALID, attempt, token, 0));
            } else {
                write(Kind.LOST, attempt, token, 0);
            }
            return held;
        }

        private void write(Kind kind, int attempt, long token, long value) throws IOException {
            journal.write(new Event(System.nanoTime(), id, kind, attempt, token, value));
        }
    }
}
