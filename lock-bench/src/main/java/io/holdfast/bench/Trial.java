// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One work by one contestant, once.
 *
 * @param store which server
 * @param contestant who
 * @param work what
 */
record Trial(BenchStore store, Contestant contestant, Work work) {
    /**
     * How long.
     *
     * @param seconds it is measured
     * @param warmUp seconds of the same before, on another name
     * @param turns how often each contestant has its turn
     */
    record Length(int seconds, int warmUp, int turns) {
        static final Length FULL = new Length(5, 7, 3);
        static final Length QUICK = new Length(1, 1, 1);

        Length times(String turns) {
            if (!turns.matches("[1-9][0-9]?")) {
                throw new IllegalArgumentException("--turns is a number from 1 to 99, and not " + turns);
            }
            return new Length(seconds, warmUp, Integer.parseInt(turns));
        }
    }

    List<Result> run(String endpoint, Length length) throws IOException {
        List<WorkerProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < work.processes(); i++) {
                processes.add(WorkerProcess.start(List.of(
                        store.name(),
                        contestant.name(),
                        work.name(),
                        endpoint,
                        Integer.toString(length.seconds()),
                        Integer.toString(length.warmUp()),
                        Integer.toString(i))));
            }
            for (WorkerProcess process : processes) {
                process.awaitReady();
            }
            processes.forEach(WorkerProcess::go);
            List<Result> results = new ArrayList<>();
            for (WorkerProcess process : processes) {
                results.add(process.result());
            }
            return results;
        } finally {
            processes.forEach(WorkerProcess::close);
        }
    }
}
