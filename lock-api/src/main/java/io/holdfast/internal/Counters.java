// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockMetrics;
import java.util.concurrent.atomic.LongAdder;

/** What one client counts. */
final class Counters {
    final LongAdder held = new LongAdder();
    final LongAdder waiting = new LongAdder();
    final LongAdder acquired = new LongAdder();
    final LongAdder handoffs = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder regressions = new LongAdder();
    final LongAdder contends = new LongAdder();
    final LongAdder releases = new LongAdder();
    final LongAdder renewals = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder sessions = new LongAdder();

    LockMetrics snapshot(long names) {
        return new LockMetrics(
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
}
