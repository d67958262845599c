// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process of the kit serves one test after the other, and nothing of the first is left for the second. */
class WitnessProcessTest {
    private static final String NAME = "n";

    @TempDir
    private Path folder;

    private void open(JavaProcess process, String label) throws InterruptedException {
        process.send(WitnessMain.url("file:" + folder.resolve("locks")));
        process.send(WitnessMain.setting("label", label));
        process.ask(WitnessMain.OPEN, "ready");
    }

    @Test
    void servesOneClientAfterTheOther() throws Exception {
        try (JavaProcess process = JavaProcess.start(WitnessMain.class, Duration.ofSeconds(60), List.of())) {
            open(process, "first");
            process.ask("acquire " + NAME, "held");
            // It waits behind the hold of its own process, for ever but for the close.
            process.ask(
                    String.join(
                            " ",
                            "witness",
                            "w",
                            NAME,
                            folder.resolve("journal").toString(),
                            folder.resolve("counter").toString(),
                            "false",
                            "1",
                            "7"),
                    "begun");
            assertThat(process.settle(WitnessMain.CLOSE, WitnessMain.CLOSED)).isTrue();
            open(process, "second");
            assertThat(process.ask("valid", "valid")[1]).isEqualTo("false");
            process.ask("acquire " + NAME, "held");
            assertThat(process.settle(WitnessMain.CLOSE, WitnessMain.CLOSED)).isTrue();
        }
    }

    @Test
    void anEndIsNoAnswer() throws Exception {
        try (JavaProcess process = JavaProcess.start(WitnessMain.class, Duration.ofSeconds(60), List.of())) {
            open(process, "killed");
            process.kill();
            assertThat(process.isAlive()).isFalse();
            assertThat(process.settle(WitnessMain.CLOSE, WitnessMain.CLOSED)).isFalse();
        }
    }
}
