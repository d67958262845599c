// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code holdfast run} shows while it waits, and {@code tck} while it runs: on a terminal that script(1) makes, and on what is none.
 */
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
        return line(terminal, "run", "--url '" + url() + "' name echo ran");
    }

    private static ProcessBuilder line(boolean terminal, String command, String arguments) throws Exception {
        String tool = Stream.of(ToolProcess.java(), "-cp", ToolProcess.classPath(), Main.class.getName(), command)
                .collect(Collectors.joining("' '", "'", "'"));
        String line = tool + " " + arguments;
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
    void aTerminalShowsHowFarTheKitHasCome() throws Exception {
        assumeThat(Files.isExecutable(SCRIPT))
                .as("script(1) of util-linux is there")
                .isTrue();
        try (ToolProcess tool = ToolProcess.start(directory, line(true, "tck", "--url 'memory:progress'"))) {
            assertThat(tool.process().waitFor(6, TimeUnit.MINUTES)).isTrue();
            String shown = tool.out();
            assertThat(shown)
                    .containsPattern("\\r\u001b\\[Kholdfast: \\d+ tests done, [2-8] running, \\d+ left\\r\u001b\\[K");
            // The line is wiped before the table.
            assertThat(shown.substring(shown.lastIndexOf(" left\r")))
                    .startsWith(" left\r\u001b[K")
                    .contains("Rules of Holdfast on memory:progress");
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

    /** As docs/cli.md says: COMMAND is in a session of its own. */
    @Test
    void commandHasNoControllingTerminalAndReadsWhatIsTyped() throws Exception {
        assumeThat(Files.isExecutable(SCRIPT))
                .as("script(1) of util-linux is there")
                .isTrue();
        Path command = Files.writeString(
                directory.resolve("ask.sh"),
                """
                if (: </dev/tty) 2>/dev/null; then echo 'a terminal'; else echo 'no terminal'; fi
                test -t 0 && read -r word && echo "got $word"
                """);
        String run = "--url '" + url() + "' name sh '" + command + "'";
        try (ToolProcess tool = ToolProcess.start(directory, line(true, "run", run))) {
            try (OutputStream typed = tool.process().getOutputStream()) {
                typed.write("typed\n".getBytes(StandardCharsets.UTF_8));
                typed.flush();
                assertThat(tool.exit()).as(tool.out()).isZero();
            }
            assertThat(tool.out()).contains("no terminal\r\n", "got typed\r\n");
        }
    }
}
