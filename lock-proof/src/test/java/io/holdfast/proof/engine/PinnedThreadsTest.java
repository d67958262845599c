// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** WA-11: a virtual thread that waits in Holdfast gives its carrier away. The JDK itself reports the waits in which it does not. */
@Timeout(120)
class PinnedThreadsTest {
    private static final int THREADS = 64;

    @TempDir
    private Path directory;

    @BeforeEach
    void virtualThreadsAreThere() {
        assumeTrue(
                Runtime.version().feature() >= 21,
                "Java " + Runtime.version().feature() + " has no virtual threads; the lane on JDK 25 runs this");
    }

    @Test
    void wa11_no_wait_pins_its_carrier() throws Exception {
        // Loading a class pins: all that is used below is loaded first, on platform threads.
        everyWait(Executors.newFixedThreadPool(THREADS));
        List<RecordedEvent> pinned = pinnedDuring(() -> everyWait(perVirtualThread()));
        assertThat(pinned.stream().filter(PinnedThreadsTest::isInHoldfast).toList())
                .isEmpty();
    }

    @Test
    void a_wait_that_pins_is_reported() throws Exception {
        List<RecordedEvent> pinned = pinnedDuring(() -> onAll(perVirtualThread(), List.of(() -> Pinning.waited)));
        assertThat(pinned).anyMatch(PinnedThreadsTest::isInHoldfast);
    }

    /** A class that waits while it is initialised: on every JDK with virtual threads this pins. */
    private static final class Pinning {
        static final boolean waited = waited();

        private static boolean waited() {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            return true;
        }
    }

    private static boolean isInHoldfast(RecordedEvent event) {
        return event.getStackTrace() != null
                && event.getStackTrace().getFrames().stream()
                        .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("io.holdfast."));
    }

    private List<RecordedEvent> pinnedDuring(Callable<?> work) throws Exception {
        Path file = directory.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            // Every wait, however short; deep enough to see who called.
            recording
                    .enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            recording.start();
            work.call();
            recording.stop();
            recording.dump(file);
        }
        return events(file);
    }

    private static List<RecordedEvent> events(Path file) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .toList();
    }

    /** By reflection, since this must compile for Java 17. */
    private static ExecutorService perVirtualThread() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    /** Waits in every way there is, in one client and between two, for locks that others hold. */
    private static Void everyWait(ExecutorService threads) throws Exception {
        try (LockClient one = LockClient.open(LockConfig.of("memory:pinned-threads"));
                LockClient two = LockClient.open(LockConfig.of("memory:pinned-threads"))) {
            List<Callable<Boolean>> waits = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                waits.addAll(waitsOf(i % 2 == 0 ? one : two));
            }
            return onAll(threads, waits);
        }
    }

    private static List<Callable<Boolean>> waitsOf(LockClient client) {
        DistributedLock lock = client.lock("wanted");
        return List.of(
                () -> {
                    lock.lock();
                    return heldAWhile(lock);
                },
                () -> {
                    lock.lockInterruptibly();
                    return heldAWhile(lock);
                },
                () -> lock.tryLock(1, TimeUnit.MINUTES) && heldAWhile(lock),
                () -> {
                    try (LockHandle handle = client.acquire("wanted", Duration.ofMinutes(1))) {
                        return handle.isValid();
                    }
                },
                () -> {
                    Optional<LockHandle> late = client.tryAcquire("wanted", Duration.ofMillis(1));
                    late.ifPresent(LockHandle::close);
                    return true;
                },
                () -> {
                    try (LockHandle handle =
                            client.acquireAsync("wanted").toCompletableFuture().join()) {
                        return handle.isValid();
                    }
                });
    }

    private static boolean heldAWhile(DistributedLock lock) {
        try {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
            return lock.isHeldByCurrentThread();
        } finally {
            lock.unlock();
        }
    }

    private static Void onAll(ExecutorService threads, List<Callable<Boolean>> tasks) throws Exception {
        try {
            for (Future<Boolean> done : threads.invokeAll(tasks)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
        return null;
    }
}
