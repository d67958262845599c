// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.tck.process.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that can open no file any more ({@code EMFILE}). */
class DescriptorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    @TempDir
    private Path directory;

    @Test
    @DisplayName(
            "ME-1, UO-7: out of file descriptors nobody is taken for dead, no lock for busy, and nothing is left half done")
    void withoutFileDescriptors() throws Exception {
        assumeThat(Path.of("/usr/bin/prlimit")).exists();
        // Without the grace, whoever is taken for dead loses its lock at the same moment.
        String url = "file:" + directory + "?crash-grace=0s";
        try (LockClient client = LockClient.open(url)) {
            LockHandle taken = client.acquire("taken");
            try (JavaProcess starved = JavaProcess.start(DescriptorsMain.class, PATIENCE, List.of(url))) {
                String[] tried = starved.answer("tried");
                assertThat(Integer.parseInt(tried[2])).as("tries that failed").isPositive();
                assertThat(Integer.parseInt(tried[1]))
                        .as("tries that were refused")
                        .isPositive();
                assertThat(tried[3]).as("its own hold is valid").isEqualTo("true");
                assertThat(client.tryAcquire("own")).as("which it has").isEmpty();
                assertThat(taken.isValid()).isTrue();
                assertThat(taken.release()).isEqualTo(ReleaseOutcome.RELEASED);
                starved.send("end");
                client.acquire("own", Duration.ofSeconds(30)).release();
            }
        }
        try (var left = Files.list(directory.resolve("holdfast/names"))) {
            assertThat(left).isEmpty();
        }
    }
}
