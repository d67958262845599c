// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another takes a token between the record of a hold and the look at it, again and again, as one may whose mutex was freed. */
class ContestTest {
    private static final int OFTEN = 60;

    private final ManualRuntime time = new ManualRuntime();
    private final AtomicInteger left = new AtomicInteger();

    @TempDir
    Path directory;

    private FileBackend backend;

    @AfterEach
    void nothingIsLeft() throws IOException {
        left.set(0);
        backend.close();
        FileFixture.assertNothingLeft(directory);
    }

    private Client open(Duration patience) {
        FileSettings usual = FileFixture.settings(directory);
        FileSettings settings = new FileSettings(
                directory, usual.prefix(), usual.crashGrace(), patience, usual.shared(), usual.allowNetwork());
        LockDirectory.Surroundings surroundings = new LockDirectory.Surroundings(HostClock.system(), this::reached);
        backend = new FileBackend(new FileStore(settings, surroundings), () -> {});
        return Client.open(backend, "here", time);
    }

    private void reached(Step step) {
        if (step != Step.HOLDER_RECORDED || left.get() == 0) {
            return;
        }
        left.decrementAndGet();
        try {
            Path token = FileFixture.token(directory);
            long number = Long.parseLong(NameCodec.last(token).substring("token-".length()));
            Files.move(
                    token, token.resolveSibling("token-%016d".formatted(number + 1)), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("UO-1: who is disturbed often comes to hold in the end")
    void often() throws IOException {
        Client here = open(FileFixture.PATIENCE);
        left.set(OFTEN);
        Grant grant = here.take("x");
        assertThat(left).hasValue(0);
        assertThat(here.release(grant)).isTrue();
    }

    @Test
    @DisplayName("UO-1: a waiter whose turn is disturbed often comes to hold in the end")
    void oftenAtItsTurn() throws IOException {
        Client here = open(FileFixture.PATIENCE);
        Grant first = here.take("x");
        Contender next = here.queue("x");
        assertThat(await(next.answered())).isEqualTo(Contender.Answer.WAITING);
        left.set(OFTEN);
        assertThat(here.release(first)).isTrue();
        Grant second = await(next.granted());
        assertThat(second.storeToken()).isGreaterThan(first.storeToken());
        assertThat(left).hasValue(0);
        assertThat(here.release(second)).isTrue();
    }

    @Test
    @DisplayName("DG-1: who is disturbed for all of its patience is told of it, and leaves nothing")
    void always() {
        Client here = open(Duration.ofMillis(50));
        left.set(Integer.MAX_VALUE);
        assertThatThrownBy(() -> here.take("x"))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("at the same time for 50ms")
                .hasMessageContaining("mutex");
    }
}
