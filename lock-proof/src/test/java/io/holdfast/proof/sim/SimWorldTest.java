// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The world does what it says: order, clocks, pauses, crashes. */
class SimWorldTest {
    private final SimWorld world = new SimWorld(false);
    private final List<String> seen = new ArrayList<>();

    private SimNode node(int ratePpm) {
        return new SimNode(world, new SimRandom(1), "node", 0, ratePpm);
    }

    @Test
    void eventsRunInOrderOfTimeThenOfMaking() {
        world.at(20, "late", () -> seen.add("late"));
        world.at(10, "first", () -> seen.add("first"));
        world.at(10, "second", () -> seen.add("second"));

        world.run(100);

        assertThat(seen).containsExactly("first", "second", "late");
        assertThat(world.now()).isEqualTo(100);
    }

    @Test
    void aFastClockRunsAheadAndItsTimersComeEarlier() {
        SimNode fast = node(4_000);
        long begin = fast.nanoTime();

        world.run(1_000 * SimSettings.SECOND);

        assertThat(fast.nanoTime() - begin).isEqualTo(1_004 * SimSettings.SECOND);
        assertThat(fast.trueDelay(1_004 * SimSettings.SECOND)).isEqualTo(1_000 * SimSettings.SECOND);
    }

    @Test
    void aPausedNodeKeepsItsEventsWhileItsClockRuns() {
        SimNode node = node(0);
        node.pause();
        long begin = node.nanoTime();
        world.in(node, 10, "event", () -> seen.add("event at " + (node.nanoTime() - begin >= SimSettings.SECOND)));
        world.run(SimSettings.SECOND);
        assertThat(seen).isEmpty();

        node.resume();
        world.run(2 * SimSettings.SECOND);

        assertThat(seen).containsExactly("event at true");
    }

    @Test
    void aCrashedNodeLosesItsEvents() {
        SimNode node = node(0);
        world.in(node, 10, "event", () -> seen.add("before the crash"));
        node.crash();
        assertThat(node.isUp()).isFalse();
        assertThat(node.start()).isTrue();
        world.in(node, 10, "event", () -> seen.add("after it"));

        world.run(100);

        assertThat(seen).containsExactly("after it");
    }

    @Test
    void overlappingCrashesKeepANodeDownUntilTheLastOneEnds() {
        SimNode node = node(0);
        node.crash();
        node.crash();

        assertThat(node.start()).isFalse();
        assertThat(node.start()).isTrue();
    }

    @Test
    void aTimerThatIsCancelledDoesNotRun() {
        SimRuntime runtime = new SimRuntime(world, node(0), new SimRandom(2));
        runtime.scheduler().schedule(() -> seen.add("cancelled"), 10).cancel();
        runtime.scheduler().schedule(() -> seen.add("run"), 10);
        assertThat(runtime.pending()).isEqualTo(1);

        world.run(SimSettings.SECOND);

        assertThat(seen).containsExactly("run");
        assertThat(runtime.pending()).isZero();
    }

    @Test
    void theFirstViolationEndsTheRun() {
        world.at(10, "bad", () -> world.fail("ME-1", "two valid holds"));
        world.at(20, "never", () -> seen.add("never"));

        world.run(100);

        assertThat(world.violation()).isEqualTo(new Violation("ME-1", 10, "two valid holds", null));
        assertThat(seen).isEmpty();
    }

    @Test
    void whatAnEventThrowsIsAViolation() {
        world.at(10, "bad", () -> {
            throw new IllegalStateException("broken");
        });

        world.run(100);

        assertThat(world.violation().rule()).isEqualTo("SIM");
    }
}
