// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code holdfast run} shows while it waits, on a terminal that script(1) makes and on what is none. */
class TerminalIT {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String WAITING = "holdfast: waiting for 'name', held by the-holder since ";

    @TempDir
    private Path directory;

    private String url() {
        return "file:" + directory.resolve("store");
    }

    private LockClient holder() {
        return LockClient.open(LockConfig.of(url()).withLabel("the-holder"));
    }

    private ProcessBuilder waiter(boolean terminal) throws Exception {
        String tool = Stream.of(ToolProcess.java(), "-cp", ToolProcess.classPath(), Main.class.getName(), "run")
                .collect(Collectors.joining("' '", "'", "'"));
        String line = tool + " --url '" + url() + "' name echo ran";
        return terminal
                ? new ProcessBuilder(SCRIPT.toString(), "-qefc", line, "/dev/null")
                : new ProcessBuilder("sh", "-c", line);
    }

    @Test
    void aTerminalShowsWhoHoldsUntilTheWaitIsOver() throws Exception {
        assumeThat(Files.isExecutable(SCRIPT))
                .as("script(1) of util-linux is there")
                .isTrue();
        try (LockClient client = holder();
                LockHandle hold = client.acquire("name");
                ToolProcess tool = ToolProcess.start(directory, waiter(true))) {
            await().atMost(ToolProcess.PATIENCE).until(() -> tool.out().contains(WAITING));
            hold.release();

            assertThat(tool.exit()).isZero();
            String shown = tool.out();
            // The line is wiped before COMMAND says its first word.
            String afterwards = shown.substring(shown.lastIndexOf(WAITING));
            assertThat(afterwards).contains("\r\u001b[K").endsWith("ran\r\n");
        }
    }

    @Test
    void aFileOrAPipeShowsNothing() throws Exception {
        try (LockClient client = holder();
                LockHandle hold = client.acquire("name");
                ToolProcess tool = ToolProcess.start(directory, waiter(false))) {
            await().atMost(ToolProcess.PATIENCE)
                    .until(() -> client.lock("name").inspect().contenders() == 2);
            hold.release();

            assertThat(tool.exit()).isZero();
            assertThat(tool.err()).isEmpty();
            assertThat(tool.out()).isEqualTo("ran\n");
        }
    }
}
