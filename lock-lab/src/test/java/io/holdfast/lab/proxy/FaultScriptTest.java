// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class FaultScriptTest extends ProxyTestBase {
    private static final Duration SOON = Duration.ofMillis(20);

    FaultScriptTest() {
        super(true);
    }

    @Test
    void drawsTheSameScriptFromTheSameSeed() {
        FaultScript script = FaultScript.seeded(9, Duration.ofSeconds(60), Duration.ofSeconds(1), Fault.usual());
        FaultScript same = FaultScript.seeded(9, Duration.ofSeconds(60), Duration.ofSeconds(1), Fault.usual());
        FaultScript other = FaultScript.seeded(10, Duration.ofSeconds(60), Duration.ofSeconds(1), Fault.usual());
        assertThat(script.toString()).isEqualTo(same.toString()).isNotEqualTo(other.toString());
        assertThat(script.steps()).hasSizeBetween(40, 120);
    }

    @Test
    void healsEveryFaultWithinItsLength() {
        for (int seed = 0; seed < 100; seed++) {
            List<FaultScript.Step> steps = FaultScript.seeded(
                            seed, Duration.ofSeconds(5), Duration.ofSeconds(1), Fault.usual())
                    .steps();
            assertThat(steps.size() % 2).isZero();
            for (int i = 0; i < steps.size(); i++) {
                assertThat(steps.get(i).fault().equals(Fault.HEAL)).isEqualTo(i % 2 == 1);
                assertThat(steps.get(i).at()).isLessThanOrEqualTo(Duration.ofSeconds(5));
            }
        }
    }

    @Test
    void playsItsStepsInOrderAndInTime() {
        List<String> played = new CopyOnWriteArrayList<>();
        FaultScript script = FaultScript.empty()
                .then(Duration.ZERO, new Fault("a", on -> played.add("a")))
                .then(SOON, new Fault("b", on -> played.add("b")))
                .then(SOON, new Fault("c", on -> played.add("c")));
        long start = System.nanoTime();
        proxy.play(script).join();
        assertThat(played).containsExactly("a", "b", "c");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SOON);
        assertThat(script).hasToString("[0 ms: a; 20 ms: b; 20 ms: c]");
        assertThat(proxy.play(FaultScript.empty())).isCompleted();
    }

    @Test
    void everyUsualFaultIsHealedForNewConnections() throws IOException {
        for (Fault fault : Fault.usual()) {
            Socket open = connect();
            assertEcho(open, "before");
            proxy.play(FaultScript.empty().then(Duration.ZERO, fault).then(SOON, Fault.HEAL))
                    .join();
            assertEcho(connect(), "after " + fault.name());
        }
    }

    @Test
    void leavesOutTheRestWhenCancelled() {
        List<String> played = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> playing =
                proxy.play(FaultScript.empty().then(SOON, new Fault("never", on -> played.add("never"))));
        playing.cancel(false);
        proxy.play(FaultScript.empty().then(SOON.multipliedBy(2), Fault.HEAL)).join();
        assertThat(played).isEmpty();
    }

    @Test
    void failsWithWhatAStepThrows() {
        CompletableFuture<Void> playing = proxy.play(FaultScript.empty()
                .then(Duration.ZERO, new Fault("broken", on -> {
                    throw new IllegalArgumentException("broken step");
                }))
                .then(SOON, Fault.HEAL));
        assertThatThrownBy(playing::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseMessage("broken step");
    }

    @Test
    void refusesStepsOutOfOrderAndScriptsOfNothing() {
        FaultScript script = FaultScript.empty().then(SOON, Fault.HEAL);
        assertThatThrownBy(() -> script.then(Duration.ZERO, Fault.HEAL)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FaultScript.seeded(1, Duration.ZERO, SOON, Fault.usual()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FaultScript.seeded(1, SOON, SOON, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
