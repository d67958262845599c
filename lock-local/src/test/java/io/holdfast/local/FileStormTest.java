// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that contend for one lock as fast as they can, while others of them are killed wherever they are. */
class FileStormTest {
    private static final int PROCESSES = 3;
    private static final int ROUNDS = 60;
    private static final int KILLS = 4;
    private static final long SEED = 20;

    @TempDir
    Path directory;

    @Test
    @DisplayName("ME-1, FT-1, CR-1: no overlap, growing tokens, and all survivors come through, whoever is killed")
    void killedAnywhere() throws IOException {
        Path locks = directory.resolve("locks");
        Path file = directory.resolve("last-token");
        Random random = new Random(SEED);
        List<PuppetProcess> survivors = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                survivors.add(PuppetProcess.in(locks));
                survivors.get(i).tell("storm " + file + " " + ROUNDS);
            }
            for (int i = 0; i < KILLS; i++) {
                try (PuppetProcess victim = PuppetProcess.in(locks)) {
                    long seen = token(file);
                    victim.tell("storm " + file + " 1000000");
                    long until = seen + 3 + random.nextInt(5);
                    Awaitility.await()
                            .atMost(FileFixture.PATIENCE.multipliedBy(3))
                            .until(() -> token(file) >= until);
                }
            }
            for (PuppetProcess survivor : survivors) {
                assertThat(survivor.answer()).isEqualTo("done");
                assertThat(survivor.ask("close")).isEqualTo("closed");
            }
        } finally {
            survivors.forEach(PuppetProcess::close);
        }
        assertThat(token(file)).isGreaterThanOrEqualTo((long) PROCESSES * ROUNDS);
        try (FileBackend last = FileFixture.backend(locks)) { // the first to come after a death tidies up
            Client client = Client.open(last, "last", new ManualRuntime());
            client.release(Client.await(client.queue("storm").granted()));
        }
        FileFixture.assertNothingLeft(locks);
    }

    private static long token(Path file) throws IOException {
        return Files.exists(file) ? Long.parseLong(Files.readString(file)) : 0;
    }
}
