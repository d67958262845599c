// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunEventsTest {
    private final EventLoop loop = new EventLoop();
    private final RunEvents events = new RunEvents(loop, Report.toStandardError(Report.Style.QUIET));
    private final AtomicInteger told = new AtomicInteger();

    @Test
    void a_renewal_tells_the_guard_on_the_loop() {
        events.onRenewal(told::incrementAndGet);
        events.renewed("n", 1);
        assertThat(told).hasValue(0);
        loop.drain();
        assertThat(told).hasValue(1);
    }

    /** The race of a renewal and the end of COMMAND: the guard has been let go when the event has its turn. */
    @Test
    void a_renewal_heard_of_before_the_end_tells_nobody_after_it() {
        events.onRenewal(told::incrementAndGet);
        events.renewed("n", 1);
        events.safe("n", 1);
        events.offRenewal();
        loop.drain();
        assertThat(told).hasValue(0);
    }
}
