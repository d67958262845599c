// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** One process of a measurement: warms up, says {@code ready}, waits for a line, works, and says what it measured. */
public final class Worker {
    /** Of {@link Work#WAKE_UP}: long enough for the other to be parked. */
    private static final long HELD = 25_000_000;

    /** Longer than a hold, so that the turns alternate where the library is not fair, too. */
    private static final long APART = 30_000_000;

    /** So much shorter are both while it warms up: what is measured then are not the first wake-ups of a process. */
    private static final int WARM_SHARE = 10;

    private final Work work;
    private final BenchLock.Client client;
    private final ExecutorService threads;

    private Worker(Work work, BenchLock.Client client) {
        this.work = work;
        this.client = client;
        this.threads = Executors.newFixedThreadPool(work.threads());
    }

    /**
     * Works.
     *
     * @param args store, contestant, work, address of the server, seconds to work, seconds to warm up, a name for this process
     */
    public static void main(String[] args) throws Exception {
        Work work = Work.valueOf(args[2]);
        long seconds = Long.parseLong(args[4]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (BenchLock.Client client = Contestant.valueOf(args[1]).open(BenchStore.valueOf(args[0]), args[3])) {
            Worker worker = new Worker(work, client);
            try {
                worker.warmUp("warm-" + args[6], Long.parseLong(args[5]));
                System.out.println("ready");
                commands.readLine();
                System.out.println(
                        (work == Work.WAKE_UP ? worker.turns("row", seconds, 1) : worker.cycles("row", seconds))
                                .line());
            } finally {
                worker.threads.shutdown();
            }
        }
        System.exit(0); // some clients leave threads that are no daemons
    }

    private void warmUp(String name, long seconds) throws Exception {
        if (work == Work.WAKE_UP) {
            turns("warm", seconds, WARM_SHARE);
        } else {
            cycles(name, seconds);
        }
    }

    private Result cycles(String prefix, long seconds) throws Exception {
        long processor = processor();
        long begun = System.nanoTime();
        List<Future<long[]>> running = new ArrayList<>();
        for (int thread = 0; thread < work.threads(); thread++) {
            BenchLock lock = client.on(prefix + "-" + thread % work.names());
            running.add(threads.submit(() -> cycles(lock, begun + TimeUnit.SECONDS.toNanos(seconds))));
        }
        List<long[]> took = new ArrayList<>();
        for (Future<long[]> one : running) {
            took.add(one.get());
        }
        long nanos = System.nanoTime() - begun;
        long[] all = took.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        List<Long> shares = took.stream().map(one -> (long) one.length).toList();
        return new Result(all.length, nanos, processor() - processor, at(all, 50), at(all, 99), shares, List.of());
    }

    private static long[] cycles(BenchLock lock, long end) throws Exception {
        LongStream.Builder took = LongStream.builder();
        for (long from = System.nanoTime(); from < end; ) {
            lock.lock();
            lock.unlock();
            long to = System.nanoTime();
            took.add(to - from);
            from = to;
        }
        return took.build().toArray();
    }

    private Result turns(String name, long seconds, int share) throws Exception {
        BenchLock lock = client.on(name);
        List<Result.Turn> turns = new ArrayList<>();
        long begun = System.nanoTime();
        long end = begun + TimeUnit.SECONDS.toNanos(seconds);
        long processor = processor();
        while (System.nanoTime() < end) {
            long asked = System.nanoTime();
            lock.lock();
            long locked = System.nanoTime();
            LockSupport.parkNanos(HELD / share);
            turns.add(new Result.Turn(asked, locked, System.nanoTime()));
            lock.unlock();
            LockSupport.parkNanos(APART / share);
        }
        return new Result(
                turns.size(),
                System.nanoTime() - begun,
                processor() - processor,
                0,
                0,
                List.of((long) turns.size()),
                turns);
    }

    /** 0 where nobody came to hold in all the time. */
    private static long at(long[] sorted, int percent) {
        return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1L) * percent / 100)];
    }

    private static long processor() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
