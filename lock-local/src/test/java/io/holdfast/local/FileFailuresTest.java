// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static io.holdfast.spi.Contender.Answer.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A step fails in a process that lives on: nothing half done may stay, and nobody else may suffer. */
class FileFailuresTest {
    private static final List<Step> TAKING =
            List.of(Step.NAME_MADE, Step.TOKEN_READ, Step.TOKEN_RENAMED, Step.TOKEN_DURABLE, Step.HOLDER_RECORDED);
    private static final List<Step> TURN =
            List.of(Step.TOKEN_READ, Step.TOKEN_RENAMED, Step.TOKEN_DURABLE, Step.HOLDER_RECORDED);
    private static final List<Step> OPENING = List.of(
            Step.SESSION_DIRECTORY_MADE,
            Step.SESSION_LOCK_MADE,
            Step.SESSION_LOCKED,
            Step.SESSION_DESCRIBED,
            Step.SESSION_OPENED);
    private static final List<Step> LEAVING = List.of(Step.RECORD_REMOVED, Step.NEXT_RUNG, Step.NAME_REMOVED);

    private final ManualRuntime time = new ManualRuntime();
    private final Object mutex = new Object();
    private Step at;
    private Throwable failure;

    @TempDir
    Path directory;

    private FileBackend backend;
    private Client one;
    private Client two;

    @BeforeEach
    void openSessions() {
        backend = FileFixture.backend(directory, new LockDirectory.Surroundings(HostClock.system(), this::reached));
        one = Client.open(backend, "one", time);
        two = Client.open(backend, "two", time);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        backend.close();
        try (FileBackend last = FileFixture.backend(directory)) { // the first to come after a failure tidies up
            await(Client.open(last, "last", time).session.close());
        }
        FileFixture.assertNothingLeft(directory);
    }

    private void failOnce(Step step, Throwable e) {
        synchronized (mutex) {
            at = step;
            failure = e;
        }
    }

    private boolean hasFailed() {
        synchronized (mutex) {
            return at == null;
        }
    }

    private void reached(Step step) {
        synchronized (mutex) {
            if (step == at) {
                at = null;
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) failure;
            }
        }
    }

    private static Stream<Arguments> each(List<Step> steps) {
        List<Arguments> all = new ArrayList<>();
        for (Step step : steps) {
            all.add(Arguments.of(step, new UncheckedIOException(new IOException("Too many open files"))));
            all.add(Arguments.of(step, new OutOfMemoryError("of a test")));
            all.add(Arguments.of(step, new NoClassDefFoundError("of a test")));
        }
        return all.stream();
    }

    static Stream<Arguments> taking() {
        return each(TAKING);
    }

    static Stream<Arguments> turn() {
        return each(TURN);
    }

    static Stream<Arguments> opening() {
        return each(OPENING);
    }

    static Stream<Arguments> leaving() {
        return each(LEAVING);
    }

    private static void assertFails(Contender contender) {
        assertThatThrownBy(() -> await(contender.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("lock 'x'");
        await(contender.withdraw()); // as the engine does with whatever failed
    }

    @ParameterizedTest
    @MethodSource("taking")
    @DisplayName("UO-1, SP-3: a contend that fails at any step leaves no hold, and the client goes on")
    void taking(Step step, Throwable e) {
        failOnce(step, e);
        assertFails(one.queue("x"));
        Contender next = two.attempt("x");
        assertThat(await(next.answered())).isEqualTo(GRANTED);
        two.release(await(next.granted()));
        one.renew();
        one.release(one.take("x"));
    }

    @ParameterizedTest
    @MethodSource("turn")
    @DisplayName("WA-6, SP-3: a waiter whose turn fails at any step has it the next time, once")
    void turn(Step step, Throwable e) {
        Grant grant = one.take("x");
        Contender waiter = two.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        failOnce(step, e);
        one.release(grant);
        Grant next = await(waiter.granted());
        assertThat(next.storeToken()).isGreaterThan(grant.storeToken());
        assertThat(await(backend.inspect("x")).storeToken()).isEqualTo(next.storeToken());
        assertThat(await(backend.inspect("x")).contenders()).isEqualTo(1);
        assertThat(two.release(next)).isTrue();
        assertThat(await(one.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @ParameterizedTest
    @MethodSource("turn")
    @DisplayName("UO-2: a waiter whose turn failed at any step leaves nothing when it withdraws")
    void withdrawnAfterAFailure(Step step, Throwable e) {
        Grant grant = one.take("x");
        Contender waiter = two.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        failOnce(step, e);
        one.release(grant);
        Awaitility.await().atMost(FileFixture.PATIENCE).until(this::hasFailed);
        await(waiter.withdraw());
        assertThat(await(one.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @ParameterizedTest
    @MethodSource("opening")
    @DisplayName("SP-3: a session that fails to open leaves nothing locked, and the next one opens")
    void opening(Step step, Throwable e) throws IOException {
        failOnce(step, e);
        assertThatThrownBy(() -> Client.open(backend, "three", time)).isInstanceOf(LockUnavailableException.class);
        Client next = Client.open(backend, "three", time);
        next.release(next.take("x"));
        await(next.session.close());
        assertThat(FileFixture.tree(FileFixture.root(directory).resolve("sessions")))
                .filteredOn(path -> !path.contains("/"))
                .containsExactlyInAnyOrder(one.session.id(), two.session.id());
    }

    @ParameterizedTest
    @MethodSource("leaving")
    @DisplayName("UO-3: a release that fails behind the removal has freed the lock, and the next in line gets it")
    void leaving(Step step, Throwable e) {
        Grant grant = one.take("x");
        Contender next = two.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        failOnce(step, e);
        one.session.release(grant);
        assertThat(await(next.granted()).storeToken()).isGreaterThan(grant.storeToken());
    }

    @Test
    @DisplayName("UO-1: what cannot be tidied up of a dead process fails nobody's acquisition")
    void deadSessionThatCannotBeRemoved() throws IOException {
        Path kept;
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("take x");
            Path sessions = FileFixture.root(directory).resolve("sessions");
            String session = FileFixture.tree(sessions).stream()
                    .filter(id -> !id.contains("/") && !id.equals(one.session.id()) && !id.equals(two.session.id()))
                    .findFirst()
                    .orElseThrow();
            kept = Files.createDirectories(sessions.resolve(session).resolve("of-a-stranger/kept"));
        }
        Contender next = one.queue("x");
        Grant grant = await(next.granted());
        assertThat(grant).isNotNull();
        assertThat(one.release(grant)).isTrue();
        Client late = Client.open(backend, "late", time);
        late.release(late.take("x"));
        Files.delete(kept);
        Files.delete(kept.getParent());
    }

    @Test
    @DisplayName("SP-7: an interrupt that strays onto the directory's thread fails no later request")
    void strayInterrupt() {
        CompletableFuture<Boolean> handedIn = new CompletableFuture<>();
        backend.files()
                .run(
                        () -> {
                            handedIn.join();
                            Thread.currentThread().interrupt();
                        },
                        e -> {});
        Contender next = one.queue("x");
        handedIn.complete(true);
        assertThat(await(next.answered())).isEqualTo(GRANTED);
        assertThat(one.release(await(next.granted()))).isTrue();
    }

    @Test
    @DisplayName("SP-7: without a thread for the directory, opening fails with the reason; the next who comes has one")
    void noThread() {
        try (FileBackend other = FileFixture.backend(
                directory.resolve("other"), new LockDirectory.Surroundings(HostClock.system(), this::reached))) {
            failOnce(Step.THREAD_MADE, new OutOfMemoryError("unable to create native thread"));
            assertThatThrownBy(() -> Client.open(other, "three", time))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("unable to create native thread");
            Client four = Client.open(other, "four", time);
            four.release(four.take("x"));
            await(four.session.close());
        }
    }
}
