// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import io.holdfast.LockMetrics;
import java.util.concurrent.atomic.LongAdder;

/** What one client counts. */
public final class Counters {
    public final LongAdder held = new LongAdder();
    public final LongAdder waiting = new LongAdder();
    public final LongAdder acquired = new LongAdder();
    public final LongAdder handoffs = new LongAdder();
    public final LongAdder lost = new LongAdder();
    public final LongAdder regressions = new LongAdder();
    public final LongAdder contends = new LongAdder();
    public final LongAdder releases = new LongAdder();
    public final LongAdder renewals = new LongAdder();
    public final LongAdder failures = new LongAdder();
    public final LongAdder sessions = new LongAdder();

    public LockMetrics snapshot(long names) {
        return new Counted(
                held.sum(),
                waiting.sum(),
                names,
                acquired.sum(),
                handoffs.sum(),
                lost.sum(),
                regressions.sum(),
                contends.sum(),
                releases.sum(),
                renewals.sum(),
                failures.sum(),
                sessions.sum());
    }

    private record Counted(
            long held,
            long waiting,
            long names,
            long acquired,
            long handoffs,
            long lost,
            long regressions,
            long contends,
            long releases,
            long renewals,
            long failures,
            long sessions)
            implements LockMetrics {}
}
