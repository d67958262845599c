// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessIdentityTest {
    private final String own = ProcessIdentity.own();

    @BeforeEach
    void needsProc() {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "no /proc here: no process can be told from another");
    }

    @Test
    void thisProcessRuns() {
        assertThat(ProcessIdentity.isRunning(own)).isTrue();
    }

    @Test
    @DisplayName("a number that was given to another process, or belongs to another namespace, proves nothing")
    void anotherProcessOfTheSameNumberIsNot() {
        String[] parts = own.split("/", 3);
        assertThat(ProcessIdentity.isRunning(parts[0] + "/" + (Long.parseLong(parts[1]) - 1) + "/" + parts[2]))
                .isFalse();
        assertThat(ProcessIdentity.isRunning(parts[0] + "/" + parts[1] + "/pid:[1]"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", "//", "0/1/x", "99999999999/1/x", "../1/x", "4194305/1/pid:[1]"})
    void nonsenseRunsNot(String identity) {
        assertThat(ProcessIdentity.isRunning(identity)).isFalse();
    }

    @Test
    @DisplayName("a process that has ended and was not reaped yet runs no more")
    void anEndedProcessRunsNot() throws Exception {
        // The shell's child ends at once, and the shell, stopped in its place by exec, never asks for it.
        Process parent = new ProcessBuilder("sh", "-c", "sh -c 'echo $$' & exec sleep 600").start();
        try {
            String child = parent.inputReader().readLine();
            Path stat = Path.of("/proc", child, "stat");
            Awaitility.await().until(() -> Files.readString(stat).contains(") Z "));
            String[] fields = Files.readString(stat).split("\\) ", 2)[1].split(" ", -1);
            String namespace = own.split("/", 3)[2];
            assertThat(ProcessIdentity.isRunning(child + "/" + fields[19] + "/" + namespace))
                    .isFalse();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }
}
