// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static io.holdfast.local.Client.isDone;
import static io.holdfast.local.FileFixture.GRACE;
import static io.holdfast.spi.Contender.Answer.BUSY;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static io.holdfast.spi.Contender.Answer.WAITING;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Several processes on one directory: here one is this JVM, the others die, are stopped, or do foolish things. */
class FileProcessesTest {
    private static final Duration TAKEOVER =
            GRACE.plusSeconds(60); // the bound is 1 s over the grace; machines are busy

    private final ManualRuntime time = new ManualRuntime();

    @TempDir
    Path directory;

    private FileBackend backend;
    private Client here;

    @BeforeEach
    void openSession() {
        backend = FileFixture.backend(directory);
        here = Client.open(backend, "here", time);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        backend.close();
        try (FileBackend last = FileFixture.backend(directory)) { // the first to come after a death tidies up
            await(Client.open(last, "last", time).session.close());
        }
        FileFixture.assertNothingLeft(directory);
    }

    @Test
    @DisplayName("ME-1, OR-1: two processes take turns, in the order of their places")
    void processesTakeTurns() throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            Grant grant = here.take("x");
            assertThat(there.ask("try x")).isEqualTo("busy");
            assertThat(there.ask("queue x")).isEqualTo("WAITING");
            Contender again = here.queue("x");
            assertThat(await(again.answered())).isEqualTo(WAITING);
            here.release(grant);
            long token = Long.parseLong(there.ask("granted x"));
            assertThat(token).isGreaterThan(grant.storeToken());
            assertThat(isDone(again.granted())).isFalse();
            assertThat(there.ask("release x")).isEqualTo("true");
            assertThat(await(again.granted()).storeToken()).isGreaterThan(token);
            assertThat(there.ask("close")).isEqualTo("closed");
        }
    }

    @Test
    @DisplayName("CR-1: a dead holder's lock stays taken for the crash grace, for tries too, and then goes to the next")
    void deadHolder() throws IOException {
        long token;
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            token = Long.parseLong(there.ask("take x"));
            there.ask("take y");
        }
        long dead = System.nanoTime();
        Contender next = here.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        assertThat(await(here.attempt("y").answered())).isEqualTo(BUSY);
        assertThat(await(backend.inspect("x")).storeToken()).isEqualTo(token);
        assertThat(await(next.granted()).storeToken()).isGreaterThan(token);
        assertThat(Duration.ofNanos(System.nanoTime() - dead)).isBetween(GRACE, TAKEOVER);
        await().atMost(TAKEOVER).until(() -> await(here.attempt("y").answered()) == GRANTED);
    }

    @Test
    @DisplayName("CR-1: tries of short-lived processes alone bring a dead holder's lock back")
    void triesAloneComeThrough() throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("take x");
        }
        long dead = System.nanoTime();
        await().atMost(TAKEOVER).until(() -> {
            try (FileBackend fresh = FileFixture.backend(directory)) {
                Client client = Client.open(fresh, "fresh", time);
                boolean granted = await(client.attempt("x").answered()) == GRANTED;
                await(client.session.close());
                return granted;
            }
        });
        assertThat(Duration.ofNanos(System.nanoTime() - dead)).isGreaterThanOrEqualTo(GRACE);
    }

    @Test
    @DisplayName("WA-5: those in line whose process died are passed over at once")
    void deadWaiter() throws IOException {
        Grant grant = here.take("x");
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            assertThat(there.ask("queue x")).isEqualTo("WAITING");
        }
        Contender next = here.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        here.release(grant);
        assertThat(await(next.granted())).isNotNull();
    }

    @Test
    @DisplayName("CR-2: a stopped waiter loses its place after its lease, learns it, and blocks nobody")
    void stoppedWaiter() throws IOException, InterruptedException {
        Grant grant = here.take("x");
        try (PuppetProcess there = new PuppetProcess()) {
            there.ask("connect " + directory);
            there.ask("open PT2S");
            assertThat(there.ask("queue x")).isEqualTo("WAITING");
            Contender next = here.queue("x");
            assertThat(await(next.answered())).isEqualTo(WAITING);
            there.signal("STOP");
            here.release(grant);
            assertThat(await(next.granted())).isNotNull();
            there.signal("CONT");
            assertThat(there.ask("renew")).contains("Gone");
        }
    }

    @Test
    @DisplayName("KE-1: a stopped holder keeps its lock")
    void stoppedHolder() throws IOException, InterruptedException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("take x");
            there.signal("STOP");
            busyForLongerThanTheGrace();
            there.signal("CONT");
            assertThat(there.ask("release x")).isEqualTo("true");
        }
    }

    @Test
    @DisplayName(
            "ME-1: failed tries, inspections and reading every file, all the time, in the holder's process free nothing")
    void nothingDoneInTheHoldersProcessFreesItsLock() throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("read-on"); // mutex, token and lock files too, at rest and in the middle of each change
            String token = there.ask("take x");
            assertThat(there.ask("try x")).isEqualTo("busy");
            assertThat(there.ask("inspect x")).isEqualTo(token);
            assertThat(there.ask("list")).isEqualTo("[x]");
            assertThat(Integer.parseInt(there.ask("read-all"))).isGreaterThan(5);
            busyForLongerThanTheGrace();
            assertThat(there.ask("release x")).isEqualTo("true");
        }
    }

    @Test
    @DisplayName(
            "ME-1: a holder's process whose system properties were replaced keeps the kernel's lock when it looks at sessions")
    void replacedPropertiesFreeNothing() throws IOException {
        try (PuppetProcess there = new PuppetProcess()) {
            there.ask("connect " + directory);
            String session = there.ask("open PT10S");
            there.ask("take x");
            assertThat(there.ask("replace-properties")).isEqualTo("replaced");
            there.ask("open PT10S"); // a second client looks at all sessions
            assertThat(there.ask("try x")).isEqualTo("busy");
            Path lock = FileFixture.root(directory).resolve("sessions/" + session + "/lock");
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                assertThat(channel.tryLock())
                        .as("the lock of the holder's session")
                        .isNull();
            }
            assertThat(there.ask("close")).isEqualTo("closed");
        }
    }

    @Test
    @DisplayName(
            "CR-1: what was moved away, lost by its holder and moved back is free after the grace, while that process lives on")
    void movedAwayAndBack() throws IOException {
        Path root = FileFixture.root(directory);
        Path away = directory.resolve("away");
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("take x");
            Grant mine = here.take("y");
            Client second = Client.open(backend, "second", time);
            Files.move(root, away);
            assertThat(there.ask("renew")).contains("has ended");
            assertThatThrownBy(here::renew).hasMessageContaining("has ended");
            Files.move(away, root);
            for (String name : List.of("x", "y")) {
                await().atMost(TAKEOVER).until(() -> await(second.attempt(name).answered()) == GRANTED);
            }
            assertThat(here.release(mine)).isFalse();
        }
    }

    private void busyForLongerThanTheGrace() {
        await().during(GRACE.multipliedBy(2))
                .atMost(GRACE.multipliedBy(40))
                .until(() -> await(here.attempt("x").answered()) == BUSY);
    }

    @ParameterizedTest
    @DisplayName("FT-1, CR-1: killed at any step of opening a session and taking a lock")
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"RECORD_REMOVED", "NEXT_RUNG", "NAME_REMOVED"})
    void killedWhileTaking(Step step) throws IOException {
        long before = here.take("x").storeToken();
        here = reopened();
        try (PuppetProcess there = new PuppetProcess()) {
            there.ask("connect " + directory);
            there.ask("halt-at " + step);
            there.tell("open PT10S");
            String answer = there.answer();
            if (!answer.startsWith("at ")) {
                there.tell("take x");
                answer = there.answer();
            }
            assertThat(answer).isEqualTo("at " + step);
        }
        assertTakeover("x", before);
    }

    @ParameterizedTest
    @DisplayName("FT-1, CR-1: killed at any step of taking one's turn")
    @EnumSource(names = {"TOKEN_READ", "TOKEN_RENAMED", "TOKEN_DURABLE", "HOLDER_RECORDED"})
    void killedWhileTakingItsTurn(Step step) throws IOException {
        Grant grant = here.take("x");
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            there.ask("halt-at " + step);
            assertThat(there.ask("queue x")).isEqualTo("WAITING");
            here.release(grant);
            assertThat(there.answer()).isEqualTo("at " + step);
        }
        assertTakeover("x", grant.storeToken());
    }

    @ParameterizedTest
    @DisplayName("FT-1, CR-1: killed at any step of releasing, with and without somebody in line")
    @EnumSource(names = {"RECORD_REMOVED", "NEXT_RUNG", "NAME_REMOVED"})
    void killedWhileReleasing(Step step) throws IOException {
        long token;
        Contender next;
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            token = Long.parseLong(there.ask("take x"));
            there.ask("take y");
            next = here.queue("x");
            assertThat(await(next.answered())).isEqualTo(WAITING);
            there.ask("halt-at " + step);
            assertThat(there.ask("release x")).isEqualTo("at " + step);
        }
        assertThat(await(next.granted()).storeToken()).isGreaterThan(token);
        assertTakeover("y", token);
    }

    private void assertTakeover(String name, long before) {
        long start = System.nanoTime();
        Grant grant = await(here.queue(name).granted());
        assertThat(grant.storeToken()).isGreaterThan(before);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TAKEOVER);
        here.release(grant);
        assertThat(here.take(name).storeToken()).isGreaterThan(grant.storeToken());
    }

    private Client reopened() {
        await(here.session.close());
        return Client.open(backend, "here again", time);
    }

    @Test
    @DisplayName("WA-7: a ring wakes the next in line sooner than it looks by itself")
    void handOverIsQuick() throws IOException {
        int rounds = 21;
        long[] took = new long[rounds];
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            for (int i = 0; i < rounds; i++) {
                there.ask("take x");
                Contender next = here.queue("x");
                assertThat(await(next.answered())).isEqualTo(WAITING);
                there.tell("release x");
                long start = System.nanoTime();
                Grant grant = await(next.granted());
                took[i] = System.nanoTime() - start;
                assertThat(there.answer()).isEqualTo("true");
                here.release(grant);
            }
        }
        Arrays.sort(took);
        System.out.printf(
                "hand-over between processes: median %.1f ms, longest %.1f ms%n",
                took[rounds / 2] / 1e6, took[rounds - 1] / 1e6);
        assertThat(took[rounds / 2]).isLessThan(MILLISECONDS.toNanos(150)); // it looks every 200 ms
    }
}
