// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runner has tests run side by side, those that must be alone apart, and tells of everything that is left. */
class SideBySideTest {
    private final List<TckProgress> progress = new CopyOnWriteArrayList<>();
    private final Queue<TckProgress> atFaults = new ConcurrentLinkedQueue<>();
    private final List<String> residue = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void endThreads() {
        end.countDown();
    }

    /** A store that can be looked into, whose faults write down how many tests run. */
    private TckRunner kit(Rows rows, Runnable opening) {
        LockBackendFixture fixture = new LockBackendFixture() {
            @Override
            public String url() {
                return "rows:test";
            }

            @Override
            public LockBackend open(LockConfig config) {
                opening.run();
                return TableBackend.of(rows);
            }

            @Override
            public List<String> residue() {
                return List.copyOf(residue);
            }

            @Override
            public StoreFaults faults() {
                atFaults.add(progress.get(progress.size() - 1));
                return StoreFaults.NONE;
            }
        };
        return TckRunner.of(fixture).tellProgress(progress::add);
    }

    private int most() {
        return progress.stream().mapToInt(TckProgress::running).max().orElse(0);
    }

    @Test
    void mostTestsRunSideBySideAndThoseWithFaultsAlone() {
        TckReport report = kit(new Rows(), () -> {}).only("Waiting", "Faults").run();

        assertThat(report.failures()).isEmpty();
        assertThat(most()).isGreaterThan(2).isLessThanOrEqualTo(8);
        assertThat(atFaults).hasSizeGreaterThan(5).allMatch(then -> then.running() == 1);
        TckProgress last = progress.get(progress.size() - 1);
        assertThat(last.running() + last.left()).isZero();
        assertThat(last.done()).isEqualTo(report.verdicts().tests().size());
    }

    @Test
    void oneAtATimeIsOneAfterAnother() {
        TckReport report = kit(new Rows(), () -> {}).atATime(1).only("Group").run();

        assertThat(report.failures()).isEmpty();
        assertThat(most()).isEqualTo(1);
        assertThatThrownBy(() -> TckRunner.of("rows:test").atATime(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thePropertySaysHowMany() {
        System.setProperty(TckRunner.PARALLEL_PROPERTY, "1");
        try {
            kit(new Rows(), () -> {}).only("Group").run();
            assertThat(most()).isEqualTo(1);
            System.setProperty(TckRunner.PARALLEL_PROPERTY, "many");
            assertThatThrownBy(() -> TckRunner.of("rows:test"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(TckRunner.PARALLEL_PROPERTY + " is 'many'");
        } finally {
            System.clearProperty(TckRunner.PARALLEL_PROPERTY);
        }
    }

    /** Leaves a line at each acquisition. */
    private Rows leaving(UnaryOperator<String> line) {
        return new Rows() {
            @Override
            public synchronized OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                residue.add(line.apply(name));
                return super.tryAcquire(name, holderId, label, lease);
            }
        };
    }

    @Test
    void whatNamesATestIsToldByIt() {
        TckReport report =
                kit(leaving(name -> "token of " + name), () -> {}).only("Group").run();

        assertThat(report.failures()).containsOnlyKeys("LK-1");
        assertThat(report.failures().get("LK-1"))
                .hasSize(3)
                .allMatch(
                        note -> note.matches("(?s)Group\\.(namesAre|aBusyMember|groupsThat)\\w+: LK-1 .*token of .*"));
    }

    @Test
    void whatNamesNoTestIsToldAtTheEnd() {
        TckReport report =
                kit(leaving(name -> "a line"), () -> {}).only("Group").run();

        assertThat(report.failures()).containsOnlyKeys("LK-1");
        assertThat(String.join("\n", report.failures().get("LK-1")))
                .contains("after the tests that ran side by side: LK-1 ")
                .contains("a line");
    }

    @Test
    void aThreadIsToldWithTheTestThatBeganIt() {
        List<Thread> threads = new ArrayList<>();
        TckReport report =
                kit(new Rows(), () -> leaveAThread(threads)).only("Group").run();

        assertThat(report.failures()).containsOnlyKeys("CL-3");
        assertThat(String.join("\n", report.failures().get("CL-3")))
                .contains("holdfast-left in ")
                .containsPattern("begun by Group\\.(namesAre|aBusyMember|groupsThat)");
    }

    private synchronized void leaveAThread(List<Thread> threads) {
        // The first is opened for a look before all tests; what it leaves was there before them.
        if (threads.size() < 2) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "holdfast-left");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    @Test
    void anErrorOfTheEngineThatNamesNoTestIsToldAtTheEnd() {
        AtomicBoolean logged = new AtomicBoolean();
        Rows rows = new Rows() {
            @Override
            public synchronized boolean release(String name, String holderId) {
                if (!logged.getAndSet(true)) {
                    System.getLogger("io.holdfast").log(System.Logger.Level.ERROR, "a task of the lock engine failed");
                }
                return super.release(name, holderId);
            }
        };
        TckReport report = kit(rows, () -> {}).only("Group").run();

        assertThat(String.join("\n", report.failures().getOrDefault("LI-1", List.of())))
                .contains("the engine logged errors that name no test: [a task of the lock engine failed");
    }
}
