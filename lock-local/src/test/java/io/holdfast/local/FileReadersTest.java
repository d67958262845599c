// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Something in a process that uses the directory reads its files, all the time: the kernel frees every lock that a process has on
 * a file when it closes any descriptor of that file, {@code mutex} too, and in the middle of a change.
 */
class FileReadersTest {
    private static final int PROCESSES = 3;
    private static final int ROUNDS = 50;

    private final ManualRuntime time = new ManualRuntime();

    @TempDir
    Path parent;

    private Path directory;
    private Path goOn;
    private FileBackend backend;
    private Client here;

    @BeforeEach
    void openSession() {
        directory = parent.resolve("locks");
        goOn = parent.resolve("go-on");
        backend = FileFixture.backend(directory);
        here = Client.open(backend, "here", time);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        backend.close();
        FileFixture.assertNothingLeft(directory);
    }

    private void pausedAt(PuppetProcess there, Step step) throws IOException {
        there.ask("read-on");
        there.ask("pause-at " + step + " " + goOn);
        there.tell("try x");
        assertThat(there.answer()).isEqualTo("at " + step);
    }

    @ParameterizedTest
    @DisplayName("ME-1: the mutex is freed behind the back of one that takes a lock, and another takes it meanwhile")
    @EnumSource(names = {"NAME_MADE", "TOKEN_READ", "TOKEN_RENAMED", "TOKEN_DURABLE"})
    void anotherHoldsMeanwhile(Step step) throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            pausedAt(there, step);
            Grant mine = here.take("x");
            Files.createFile(goOn);
            assertThat(there.answer()).isEqualTo("busy");
            assertThat(await(backend.inspect("x")).storeToken()).isEqualTo(mine.storeToken());
            assertThat(here.release(mine)).isTrue();
            assertThat(Long.parseLong(there.ask("try x"))).isGreaterThan(mine.storeToken());
            assertThat(there.ask("close")).isEqualTo("closed");
        }
    }

    @ParameterizedTest
    @DisplayName("FT-1: the mutex is freed behind the back of one that takes a lock, and another had it meanwhile")
    @EnumSource(names = {"NAME_MADE", "TOKEN_READ", "TOKEN_RENAMED", "TOKEN_DURABLE"})
    void anotherHeldMeanwhile(Step step) throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            pausedAt(there, step);
            here.release(here.take("x"));
            Grant last = here.take("x");
            here.release(last);
            Files.createFile(goOn);
            long token = Long.parseLong(there.answer());
            assertThat(token).isGreaterThan(last.storeToken());
            assertThat(there.ask("release x")).isEqualTo("true");
            assertThat(here.take("x").storeToken()).isGreaterThan(token);
            assertThat(there.ask("close")).isEqualTo("closed");
        }
    }

    @Test
    @DisplayName("ME-1: who has recorded its hold and lost the mutex still has it")
    void recordedAndNotYetConfirmed() throws IOException {
        try (PuppetProcess there = PuppetProcess.in(directory)) {
            pausedAt(there, Step.HOLDER_RECORDED);
            Contender next = here.queue("x");
            assertThat(await(next.answered())).isEqualTo(Contender.Answer.WAITING);
            Files.createFile(goOn);
            long token = Long.parseLong(there.answer());
            assertThat(there.ask("release x")).isEqualTo("true");
            assertThat(await(next.granted()).storeToken()).isGreaterThan(token);
            assertThat(there.ask("close")).isEqualTo("closed");
        }
    }

    @Test
    @DisplayName("ME-1, FT-1: processes take turns while each of them reads every file there is")
    void everybodyReads() throws IOException {
        Path last = parent.resolve("last-token");
        List<PuppetProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                PuppetProcess process = PuppetProcess.in(directory);
                processes.add(process);
                process.ask("read-on");
            }
            for (PuppetProcess process : processes) {
                process.tell("storm " + last + " " + ROUNDS);
            }
            for (PuppetProcess process : processes) {
                assertThat(process.answer()).isEqualTo("done");
            }
            for (PuppetProcess process : processes) {
                assertThat(process.ask("close")).isEqualTo("closed");
            }
        } finally {
            processes.forEach(PuppetProcess::close);
        }
    }
}
