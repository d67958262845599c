// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.providers.ForeignLoader;
import io.holdfast.providers.StubProviders;
import io.holdfast.providers.StubProviders.Starting;
import io.holdfast.spi.MapTable;
import io.holdfast.spi.TableBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When opening goes on and when it ends; by a backend of the caller's, whose questions fail as the test says. */
class OpeningTest {
    @TempDir
    Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final SharedRuntime runtime = SharedRuntime.acquire();
    private final MapTable table = new MapTable(runtime.clock());
    private final AtomicInteger tries = new AtomicInteger();

    @BeforeEach
    void nothingFails() {
        StubProviders.UNREACHED.set(0);
        StubProviders.UNANSWERED.set(0);
        StubProviders.MADE.clear();
        StubProviders.ALLOWED.clear();
        StubProviders.mistake = Optional.empty();
    }

    @AfterEach
    void end() {
        Thread.currentThread().setContextClassLoader(before);
        runtime.release();
        await("CL-3: the threads of the shared runtime end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("holdfast-")));
    }

    private LockClient open(String connectTimeout) {
        return LockClient.open(
                TableBackend.of(table), LockConfig.of("memory:x").with("connect-timeout", connectTimeout));
    }

    private void fail(Supplier<? extends RuntimeException> failure, int times) {
        table.before = call -> {
            if (call.equals("inspect") && tries.incrementAndGet() <= times) {
                throw failure.get();
            }
        };
    }

    @Test
    @DisplayName("OP-1: what may pass is tried again, over a lent backend too")
    void goesOn() {
        fail(() -> new LockUnavailableException("no leader"), 2);
        open("1m").close();
        assertThat(tries).hasValue(3);
        tries.set(0);
        fail(() -> new LockOutcomeUnknownException("no answer"), 2);
        open("1m").close();
        assertThat(tries).hasValue(3);
        assertThat(table.closed).isFalse();
    }

    @Test
    @DisplayName("OP-1: what does not pass ends it at the first try")
    void endsAtOnce() {
        fail(() -> new LockDeniedException("wrong password"), 9);
        assertThatThrownBy(() -> open("1m")).isInstanceOf(LockDeniedException.class);
        fail(() -> new LockConfigException("not for this lease"), 9);
        assertThatThrownBy(() -> open("1m")).isInstanceOf(LockConfigException.class);
        fail(() -> new LockClosedException("the backend is closed"), 9);
        assertThatThrownBy(() -> open("1m")).isInstanceOf(LockClosedException.class);
        assertThat(tries).hasValue(3);
    }

    @Test
    @DisplayName("OP-1: a provider is asked again, and each backend that came to nothing is closed")
    void providersAreAskedAgain() throws Exception {
        try (ForeignLoader loader = ForeignLoader.of(folder, Starting.class)) {
            Thread.currentThread().setContextClassLoader(loader);
            StubProviders.UNREACHED.set(2);
            StubProviders.UNANSWERED.set(2);
            LockClient client = LockClient.open("starting:x?connect-timeout=1m");
            assertThat(StubProviders.MADE).hasSize(3);
            assertThat(StubProviders.MADE).extracting(made -> made.closed).containsExactly(true, true, false);
            client.close();
            assertThat(StubProviders.MADE.get(2).closed).isTrue();
        }
    }

    @Test
    @DisplayName("OP-1: a provider that knows of a mistake ends it at the first try")
    void aMistakeIsNoOutage() throws Exception {
        try (ForeignLoader loader = ForeignLoader.of(folder, Starting.class)) {
            Thread.currentThread().setContextClassLoader(loader);
            StubProviders.mistake = Optional.of("h:1 speaks TLS");
            StubProviders.UNREACHED.set(1);
            assertThatThrownBy(() -> LockClient.open("starting:x?connect-timeout=1m"))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessage("store starting:x?connect-timeout=1m: h:1 speaks TLS");
            assertThat(StubProviders.ALLOWED).hasSize(1);
            LockClient.open("starting:x?connect-timeout=1m").close();
        }
    }

    @Test
    @DisplayName("OP-1: each try has the time that is left, and no less than a request")
    void aTryHasTheTimeThatIsLeft() throws Exception {
        try (ForeignLoader loader = ForeignLoader.of(folder, Starting.class)) {
            Thread.currentThread().setContextClassLoader(loader);
            StubProviders.UNREACHED.set(Integer.MAX_VALUE);
            assertThatThrownBy(() -> LockClient.open("starting:x?connect-timeout=400ms&operation-timeout=200ms"))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("connect-timeout is 400ms");
            assertThat(StubProviders.ALLOWED.get(0)).isEqualTo(Duration.ofMillis(400));
            assertThat(StubProviders.ALLOWED.subList(1, StubProviders.ALLOWED.size()))
                    .isNotEmpty()
                    .allMatch(time -> time.toMillis() >= 200 && time.toMillis() < 400)
                    .isSortedAccordingTo(Comparator.reverseOrder());
        }
    }

    @Test
    @DisplayName(
            "OP-1: what the first backend takes to be made is not taken from its session, nor from the tries after it")
    void makingABackendIsNotCounted() throws Exception {
        try (ForeignLoader loader = ForeignLoader.of(folder, Starting.class)) {
            Thread.currentThread().setContextClassLoader(loader);
            StubProviders.slowness = Duration.ofMillis(600);
            StubProviders.UNANSWERED.set(1);
            LockClient.open("starting:x?connect-timeout=500ms").close();
            assertThat(StubProviders.MADE).hasSize(2);
        } finally {
            StubProviders.slowness = Duration.ZERO;
        }
    }

    @Test
    @DisplayName("OP-1: the error says what failed last, how often and how long it was tried")
    void theErrorSaysHowLong() {
        fail(() -> new LockUnavailableException("store x, open: no leader"), Integer.MAX_VALUE);
        assertThatThrownBy(() -> open("300ms"))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageMatching("store x, open: no leader; gave up after [2-9] tries in [0-9a-z]+"
                        + " \\(connect-timeout is 300ms\\)");
        assertThat(tries.get()).isBetween(2, 9);
    }

    @Test
    @DisplayName("OP-1: a try that the end of the time cuts short hides no reason that was known")
    void theReasonThatWasKnownIsTold() {
        CountDownLatch never = new CountDownLatch(1);
        table.before = call -> {
            if (call.equals("inspect")) {
                if (tries.incrementAndGet() == 1) {
                    throw new LockUnavailableException("store x, open: no leader");
                }
                hang(never);
            }
        };
        try {
            assertThatThrownBy(() -> open("1s"))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContainingAll("no leader", "2 tries");
        } finally {
            never.countDown();
        }
    }

    @Test
    @DisplayName("OP-1: an interrupt ends it, in a pause and in a try, and the status stays")
    void anInterruptEndsIt() throws Exception {
        fail(() -> new LockUnavailableException("no leader"), Integer.MAX_VALUE);
        isInterruptedOnce(() -> tries.get() > 3);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        table.before = call -> {
            if (call.equals("inspect")) {
                hanging.countDown();
                hang(never);
            }
        };
        try {
            isInterruptedOnce(() -> hanging.getCount() == 0);
        } finally {
            never.countDown();
        }
    }

    private void isInterruptedOnce(Supplier<Boolean> reached) throws Exception {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        CompletableFuture<Boolean> status = new CompletableFuture<>();
        Thread opening = new Thread(() -> {
            try {
                open("10m").close();
                failed.complete(null);
            } catch (RuntimeException e) {
                status.complete(Thread.currentThread().isInterrupted());
                failed.complete(e);
            }
        });
        opening.start();
        await().atMost(Duration.ofSeconds(30)).until(reached::get);
        opening.interrupt();
        assertThat(failed.get(30, TimeUnit.SECONDS))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("interrupted");
        assertThat(status.get()).isTrue();
    }

    /** Whoever was interrupted before opens a client all the same, when the store is there. */
    @Test
    @DisplayName("OP-1: an interrupt that came before keeps nobody from opening")
    void anEarlierInterruptDoesNotMatter() {
        Thread.currentThread().interrupt();
        try {
            open("1m").close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static void hang(CountDownLatch until) {
        try {
            until.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
