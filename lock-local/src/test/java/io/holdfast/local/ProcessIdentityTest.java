// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessIdentityTest {
    private String own;

    @BeforeEach
    void needsProc() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "no /proc here: no process can be told from another");
        own = ProcessIdentity.own();
    }

    @Test
    void thisProcessRuns() throws IOException {
        assertThat(ProcessIdentity.isRunning(own)).isTrue();
    }

    @ParameterizedTest
    @DisplayName("a number that was given to another process, or belongs to another namespace or boot, proves nothing")
    @CsvSource({"1, 1", "2, pid:[1]", "3, 00000000-0000-4000-8000-000000000000"})
    void anotherProcessOfTheSameNumberIsNot(int part, String other) throws IOException {
        String[] parts = own.split("/", 4);
        parts[part] = other;
        assertThat(ProcessIdentity.isRunning(String.join("/", parts))).isFalse();
    }

    @Test
    @DisplayName("a process that has ended and was reaped runs no more")
    void anEndedAndReapedProcessRunsNot() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        String[] parts = own.split("/", 4);
        parts[0] = Long.toString(gone.pid());
        assertThat(ProcessIdentity.isRunning(String.join("/", parts))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", "//", "0/1/x", "99999999999/1/x", "../1/x", "4194305/1/pid:[1]/x"})
    void nonsenseRunsNot(String identity) throws IOException {
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
            String place = own.split("/", 3)[2];
            assertThat(ProcessIdentity.isRunning(child + "/" + fields[19] + "/" + place))
                    .isFalse();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }
}
