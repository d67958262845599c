// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.process;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.process.JavaProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Several processes with many clients each; every client takes the same lock once and releases it at once. It shows how a store serves
 * a long line. Not thread-safe.
 *
 * <p>Each process is a main class of the test's, which makes a backend of its own and calls {@link #contend}. The test holds the
 * lock {@link #NAME} until all stand in line.
 */
public final class Crowd implements AutoCloseable {
    /** The lock that all of them take. */
    public static final String NAME = "crowded";

    /** How long each holds: long enough for two that hold at once to be seen. */
    private static final long INSIDE_NANOS = 200_000;

    private final List<JavaProcess> processes = new ArrayList<>();
    private final int clients;

    /**
     * One hold of one client.
     *
     * @param token its fencing token
     * @param from just after the client got it, in nanoseconds by the machine's monotonic clock, which its processes share
     * @param to just before it was released, by the same clock
     */
    public record Hold(long token, long from, long to) {}

    /**
     * Starts the processes.
     *
     * @param main their main class; its arguments are the server and how many clients it is to have
     * @param processes how many
     * @param clients how many clients in each
     * @param server what the main class knows the store by
     */
    public Crowd(Class<?> main, int processes, int clients, String server) {
        this.clients = clients;
        for (int i = 0; i < processes; i++) {
            this.processes.add(
                    JavaProcess.start(main, Duration.ofMinutes(4), List.of(server, Integer.toString(clients))));
        }
    }

    /**
     * How many clients there are.
     *
     * @return in all processes together
     */
    public int size() {
        return processes.size() * clients;
    }

    /**
     * Waits until every client has held.
     *
     * @return all holds, in the order of their tokens
     * @throws AssertionError when two of them held at once, or a later one had a token that was not larger
     * @throws InterruptedException when interrupted while it waits
     */
    public List<Hold> holds() throws InterruptedException {
        List<Hold> all = new ArrayList<>();
        for (JavaProcess process : processes) {
            for (int i = 0; i < clients; i++) {
                String[] words = process.answer("held");
                all.add(new Hold(Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])));
            }
        }
        all.sort(Comparator.comparingLong(Hold::token));
        for (int i = 1; i < all.size(); i++) {
            follows(all.get(i - 1), all.get(i));
        }
        return all;
    }

    private static void follows(Hold before, Hold next) {
        if (next.token() == before.token() || next.from() - before.to() <= 0) {
            throw new AssertionError(next + " was had beside or before " + before);
        }
    }

    /**
     * What each process does: opens the clients on one backend, lets each acquire and release once, and closes them when its input
     * ends.
     *
     * @param backend that all of them share
     * @param config of each client
     * @param clients how many
     * @throws IOException when its input cannot be read
     */
    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    public static void contend(LockBackend backend, LockConfig config, int clients) throws IOException {
        List<LockClient> opened = new ArrayList<>();
        try {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                LockClient client = LockClient.open(backend, config);
                opened.add(client);
                all.add(client.acquireAsync(NAME).thenAccept(Crowd::pass).toCompletableFuture());
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
            while (System.in.read() >= 0) {
                // Until the test has seen all that is there to be seen.
            }
        } finally {
            opened.forEach(LockClient::close);
        }
    }

    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    private static void pass(LockHandle hold) {
        long from = System.nanoTime();
        LockSupport.parkNanos(INSIDE_NANOS);
        long to = System.nanoTime();
        hold.release();
        System.out.println("held " + hold.fencingToken() + " " + from + " " + to);
    }

    @Override
    public void close() {
        processes.forEach(JavaProcess::close);
    }
}
