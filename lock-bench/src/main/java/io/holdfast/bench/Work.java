// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.util.List;

/** What is done with the locks: one row of the table. */
enum Work {
    ONE_THREAD("one thread, lock and unlock, p50 µs", 1, 1, 1, Better.LESS) {
        @Override
        double figure(List<Result> processes) {
            return processes.get(0).p50() / 1_000.0;
        }
    },
    EIGHT_THREADS("8 threads of one JVM on one lock, acquisitions a second", 1, 8, 1, Better.MORE) {
        @Override
        double figure(List<Result> processes) {
            return rate(processes);
        }
    },
    SIXTEEN_LOCKS("16 threads of one JVM on 16 locks, pairs a second", 1, 16, 16, Better.MORE) {
        @Override
        double figure(List<Result> processes) {
            return rate(processes);
        }
    },
    HAND_OVERS("4 JVMs on one lock, hand-overs a second", 4, 1, 1, Better.MORE) {
        @Override
        double figure(List<Result> processes) {
            return rate(processes);
        }
    },
    WAKE_UP("unlock in one JVM to lock in another that waits, p50 µs", 2, 1, 1, Better.LESS) {
        @Override
        double figure(List<Result> processes) {
            return WakeUps.median(processes) / 1_000.0;
        }
    };

    /** Which figure wins. */
    enum Better {
        LESS,
        MORE
    }

    private final String title;
    private final int processes;
    private final int threads;
    private final int names;
    private final Better better;

    Work(String title, int processes, int threads, int names, Better better) {
        this.title = title;
        this.processes = processes;
        this.threads = threads;
        this.names = names;
        this.better = better;
    }

    String title() {
        return title;
    }

    int processes() {
        return processes;
    }

    int threads() {
        return threads;
    }

    int names() {
        return names;
    }

    /** What others wait for has no floor: that is the wait. */
    boolean hasFloor() {
        return processes == 1 && threads == names;
    }

    abstract double figure(List<Result> processes);

    /** How many times better the first is. */
    double ratio(double ours, double others) {
        return better == Better.MORE ? ours / others : others / ours;
    }

    private static double rate(List<Result> processes) {
        return processes.stream()
                .mapToDouble(one -> one.cycles() * 1e9 / one.nanos())
                .sum();
    }

    /** Processor time of the clients for a cycle, in microseconds. */
    static double processor(List<Result> processes) {
        return processes.stream().mapToLong(Result::processor).sum()
                / 1_000.0
                / processes.stream().mapToLong(Result::cycles).sum();
    }

    /** Jain's index over all threads: 1 when each came to hold as often. */
    static double fairness(List<Result> processes) {
        List<Long> shares =
                processes.stream().flatMap(one -> one.shares().stream()).toList();
        double sum = shares.stream().mapToLong(Long::longValue).sum();
        double squares =
                shares.stream().mapToDouble(share -> (double) share * share).sum();
        return sum * sum / (shares.size() * squares);
    }
}
