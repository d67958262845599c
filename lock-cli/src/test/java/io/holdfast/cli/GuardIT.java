// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tool as processes, over {@code file:}: who is ended when what is killed, stopped or told to end (rules TO-2, TO-3), and
 * whose the streams are (TO-4).
 */
class GuardIT {
    /**
     * COMMAND of most tests: its own pid, which is its session's too, goes into the file {@code session}; then it starts three
     * that outlast it: one in its group, one in a group of its own as timeout(1) makes, and one below that.
     */
    private static final String FAMILY = "sleep 1000 & timeout 1000 sleep 1000 & echo $$ >session; ";

    @TempDir
    private Path directory;

    private final List<ToolProcess> started = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws IOException {
        started.forEach(ToolProcess::close);
        if (Files.exists(sessionFile())) {
            ToolProcess.awaitEmpty(session());
        }
        await().atMost(ToolProcess.PATIENCE)
                .untilAsserted(() -> assertThat(guards()).isEmpty());
    }

    /** Every guard of this test: its command line has the FIFO's path, and this test's folder for temporary files. */
    private List<String> guards() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("holdfast-guard") && line.contains(directory.toString()))
                .toList();
    }

    private Path sessionFile() {
        return directory.resolve("session");
    }

    private long session() {
        return ToolProcess.pidIn(sessionFile());
    }

    private String url() {
        return "file:" + directory.resolve("store");
    }

    private ToolProcess start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(
                List.of(ToolProcess.java(), "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + directory, "-cp"));
        line.addAll(List.of(ToolProcess.classPath(), Main.class.getName()));
        line.addAll(Arrays.asList(arguments));
        ToolProcess tool = ToolProcess.start(directory, new ProcessBuilder(line));
        started.add(tool);
        return tool;
    }

    private ToolProcess run(String... arguments) throws IOException {
        return start(Stream.concat(Stream.of("run", "--url", url()), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    /** Whether another process finds the lock held. */
    private int status() throws IOException, InterruptedException {
        return start("status", "--url", url(), "--check", "name").exit();
    }

    @Test
    void killingTheToolKillsCommandAndAllItStarted() throws IOException, InterruptedException {
        ToolProcess tool = run("name", "sh", "-c", FAMILY + "sleep 1000");
        long session = session();
        await().until(() -> SessionMembers.of(session).size() == 5);

        assertThat(tool.signal("KILL").exit()).isEqualTo(137);

        ToolProcess.awaitEmpty(session);
        await().untilAsserted(() -> assertThat(tool.err()).contains("its command is killed too"));
    }

    @Test
    void killingTheToolsGroupDoesNotKillTheGuard() throws IOException, InterruptedException {
        // As timeout -s KILL and a service manager's stop do: everything in the tool's own group at once.
        List<String> line = new ArrayList<>(
                List.of("setsid", ToolProcess.java(), "-Djava.io.tmpdir=" + directory, "-cp", ToolProcess.classPath()));
        line.addAll(List.of(Main.class.getName(), "run", "--url", url(), "name", "sh", "-c", FAMILY + "wait"));
        ToolProcess tool = ToolProcess.start(directory, new ProcessBuilder(line));
        started.add(tool);
        long session = session();

        Process kill = new ProcessBuilder("sh", "-c", "kill -s KILL -- -" + tool.pid()).start();
        assertThat(kill.waitFor()).isZero();

        assertThat(tool.exit()).isEqualTo(137);
        ToolProcess.awaitEmpty(session);
    }

    @Test
    void aStoppedToolKeepsTheLockAndCommandGoesOn() throws IOException, InterruptedException {
        Path beats = directory.resolve("beats");
        ToolProcess tool = run("name", "sh", "-c", FAMILY + "while :; do echo x >>beats; sleep 0.05; done");
        session();
        tool.signal("STOP");
        await().until(() -> Files.exists(beats));
        long before = Files.size(beats);

        await().atMost(ToolProcess.PATIENCE).until(() -> Files.size(beats) > before + 20);
        assertThat(status()).isEqualTo(75);

        tool.signal("CONT").signal("TERM");
        assertThat(tool.exit()).isEqualTo(143);
        assertThat(status()).isZero();
    }

    @Test
    void aStoppedToolWhoseLeaseEndsHasItsCommandKilled() throws IOException, InterruptedException {
        ToolProcess tool = start(
                "run", "--url", "memory:own", "--lease", "3s", "name", "sh", "-c", FAMILY + "trap '' TERM; sleep 1000");
        long session = session();
        tool.signal("STOP");

        // Nobody but the guard is left to do it.
        ToolProcess.awaitEmpty(session);
        await().untilAsserted(() -> assertThat(tool.err()).contains("the lease of lock 'name' is over"));

        assertThat(tool.signal("CONT").exit()).isEqualTo(79);
    }

    @Test
    void killingCommandAloneEndsWhatItStarted() throws IOException, InterruptedException {
        ToolProcess tool = run("name", "sh", "-c", FAMILY + "sleep 1000");
        long session = session();
        await().until(() -> SessionMembers.of(session).size() == 5);
        ToolProcess.signal("KILL", session);

        assertThat(tool.exit()).isEqualTo(137);
        assertThat(SessionMembers.of(session)).isEmpty();
        assertThat(tool.err()).contains("left processes behind");
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "HUP, 129", "INT, 130"})
    void aSignalToTheToolEndsCommandByIt(String signal, int code) throws IOException, InterruptedException {
        ToolProcess tool = run("name", "sh", "-c", "echo $$ >session; exec sleep 1000");
        session();

        assertThat(tool.signal(signal).exit()).isEqualTo(code);
        assertThat(status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HUP", "INT", "TERM", "USR1", "USR2", "CONT"})
    void commandHandlesTheSignalsThatTheToolGets(String signal) throws IOException, InterruptedException {
        ToolProcess tool = run(
                "name",
                "sh",
                "-c",
                "trap 'echo got; exit 9' " + signal + "; echo $$ >session; while :; do sleep 0.02; done");
        session();
        tool.signal(signal);

        assertThat(tool.exit()).isEqualTo(9);
        assertThat(tool.out()).isEqualTo("got\n");
    }

    /** Many a program takes a second TERM for an order to drop everything. */
    @Test
    void termReachesEachProcessOnce() throws IOException, InterruptedException {
        String counts = "; while :; do sleep 0.02; done";
        ToolProcess tool = run(
                "-k",
                "500ms",
                "name",
                "sh",
                "-c",
                "sh -c 'trap \"echo child\" TERM; : >child" + counts + "' & "
                        + "trap 'echo leader' TERM; until [ -e child ]; do sleep 0.02; done; echo $$ >session"
                        + counts);
        session();

        assertThat(tool.signal("TERM").exit()).isEqualTo(137);
        assertThat(tool.out().lines()).containsExactlyInAnyOrder("child", "leader");
    }

    @Test
    void aCommandThatIgnoresTermIsKilled() throws IOException, InterruptedException {
        ToolProcess tool = run("-k", "300ms", "name", "sh", "-c", "trap '' TERM; " + FAMILY + "sleep 1000; sleep 1000");
        long session = session();

        assertThat(tool.signal("TERM").exit()).isEqualTo(137);
        assertThat(SessionMembers.of(session)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void aSignalEndsTheWaitAndLeavesNothing(String signal, int code) throws IOException, InterruptedException {
        try (LockClient other = LockClient.open(url())) {
            var held = other.acquire("name");
            ToolProcess tool = run("name", "sh", "-c", "echo ran; echo $$ >session");
            await().atMost(ToolProcess.PATIENCE)
                    .until(() -> other.lock("name").inspect().contenders() == 2);

            assertThat(tool.signal(signal).exit()).isEqualTo(code);

            assertThat(other.lock("name").inspect().contenders()).isEqualTo(1);
            held.release();
            assertThat(other.list()).isEmpty();
            assertThat(tool.out() + tool.err()).isEmpty();
        }
    }

    @Test
    void termEndsTheStayAndTheLock() throws IOException, InterruptedException {
        ToolProcess tool = run("--at-least", "1h", "-c", "echo $$ >session; exit 6", "name");
        ToolProcess.awaitEmpty(session());
        assertThat(status()).isEqualTo(75);

        assertThat(tool.signal("TERM").exit()).isEqualTo(6);
        assertThat(status()).isZero();
    }

    @Test
    void aToolKilledAtAnyMomentLeavesNobodyBehind() throws IOException, InterruptedException {
        for (int delay = 0; delay < 20; delay++) {
            Files.deleteIfExists(sessionFile());
            // A store each, or every one would wait out the grace after the crash of the one before.
            String store = url() + delay;
            ToolProcess tool = start("run", "--url", store, "--json", "name", "sh", "-c", FAMILY + "wait");
            // From the grant on, for as long as it takes to start
            // COMMAND: the moments in which the guard is not there yet.
            await().atMost(ToolProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> tool.err().contains("\"acquired\""));
            long until = System.nanoTime() + Duration.ofMillis(3L * delay).toNanos();
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            tool.signal("KILL").exit();

            // Whatever of COMMAND there was names this folder or sits in it.
            await().atMost(ToolProcess.PATIENCE)
                    .untilAsserted(() -> assertThat(inDirectory()).isEmpty());
        }
    }

    /** The processes whose working directory is this test's, the guard's being the root. */
    private List<Path> inDirectory() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.filter(this::worksHere).toList();
        }
    }

    private boolean worksHere(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).equals(directory.toRealPath());
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void inputOutputAndErrorAreCommandsOwn() throws IOException, InterruptedException {
        Path input = Files.writeString(directory.resolve("input"), "line 1\nline 2\n");
        List<String> line = new ArrayList<>(
                List.of(ToolProcess.java(), "-cp", ToolProcess.classPath(), Main.class.getName(), "run", "-v"));
        line.addAll(List.of("--url", url(), "name", "sh", "-c", "cat; echo problem >&2"));
        ToolProcess tool = ToolProcess.start(directory, new ProcessBuilder(line).redirectInput(input.toFile()));
        started.add(tool);

        assertThat(tool.exit()).isZero();
        assertThat(tool.out()).isEqualTo("line 1\nline 2\n");
        assertThat(tool.err()).contains("problem\n", "holdfast: lock 'name' released");
    }

    @Test
    void commandSeesItsLock() throws IOException, InterruptedException {
        String show = "echo \"$HOLDFAST_LOCK|$HOLDFAST_STORE|$HOLDFAST_TOKEN\"";
        ToolProcess first = run("na me", "sh", "-c", show);
        first.exit();
        ToolProcess second = run("na me", "sh", "-c", show);
        second.exit();

        assertThat(first.out()).startsWith("na me|" + url() + "|");
        assertThat(token(second)).isGreaterThan(token(first)).isPositive();
    }

    private static long token(ToolProcess tool) throws IOException {
        String out = tool.out().strip();
        return Long.parseLong(out.substring(out.lastIndexOf('|') + 1));
    }

    @Test
    void aToolUnderATool() throws IOException, InterruptedException {
        // COMMAND's variables are no settings to it.
        String inner = ToolProcess.java() + " -cp " + ToolProcess.classPath() + " " + Main.class.getName();
        ToolProcess tool = run("outer", "sh", "-c", inner + " run --url " + url() + " inner echo done");

        assertThat(tool.exit()).isZero();
        assertThat(tool.out()).isEqualTo("done\n");
        assertThat(tool.err()).isEmpty();
    }

    @Test
    void nothingOfTheGuardStaysOnTheDisk() throws IOException, InterruptedException {
        run("name", "true").exit();

        await().atMost(ToolProcess.PATIENCE).untilAsserted(() -> {
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.map(path -> path.getFileName().toString()))
                        .noneMatch(name -> name.startsWith("holdfast-"));
            }
        });
    }

    @Test
    void anotherPlaceServesWhereTheUsualOneForTemporaryFilesDoesNot() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                ToolProcess.java(),
                "-Djava.io.tmpdir=" + directory.resolve("missing"),
                "-cp",
                ToolProcess.classPath(),
                Main.class.getName(),
                "run",
                "--url",
                url(),
                "name",
                "echo",
                "ran");
        builder.environment().put("TMPDIR", directory.toString());
        ToolProcess tool = ToolProcess.start(directory, builder);
        started.add(tool);

        assertThat(tool.exit()).as(tool.err()).isZero();
        assertThat(tool.out()).isEqualTo("ran\n");
    }

    @Test
    @DisplayName("ER-3: the guard's last words obey no escape in a name, and are JSON where JSON was asked for")
    void aNameWithEscapesIsShownAsItIs() throws IOException, InterruptedException {
        for (String style : List.of("--verbose", "--json")) {
            Files.deleteIfExists(sessionFile());
            ToolProcess tool =
                    run(style, "a\\cb\"q\\n\\033]0;PWNED\\007\u001b[2J\u2028", "sh", "-c", FAMILY + "sleep 1000");
            long session = session();
            tool.signal("KILL").exit();
            ToolProcess.awaitEmpty(session);
            await().atMost(ToolProcess.PATIENCE)
                    .until(() -> tool.err().contains(style.equals("--json") ? "\"orphaned\"" : "is killed too"));

            assertThat(tool.err()).doesNotContain("\u001b", "\u0007", "\u2028");
            if (style.equals("--json")) {
                String last = tool.err()
                        .lines()
                        .filter(line -> line.contains("orphaned"))
                        .findFirst()
                        .orElseThrow();
                assertThat(last)
                        .startsWith("{\"event\":\"orphaned\",\"lock\":\"a\\\\cb\\\"q\\\\n"
                                + "\\\\033]0;PWNED\\\\007\\u001b[2J\\u2028\",")
                        .endsWith("\"}");
            } else {
                assertThat(tool.err()).contains("'a\\cb\"q\\n\\033]0;PWNED\\007\\u001b[2J\\u2028' was killed");
            }
        }
    }

    @Test
    @DisplayName("TO-6: of a COMMAND that became another user's and lives, nobody says that it was killed")
    void aCommandThatCannotBeKilledIsToldOf() throws IOException, InterruptedException {
        Path perl = Path.of("/usr/bin/perl");
        assumeThat(Files.isExecutable(perl) && Files.isExecutable(Path.of("/usr/bin/setpriv")))
                .as("perl, setpriv")
                .isTrue();
        assumeThat(((Number) Files.getAttribute(Path.of("/proc/self/"), "unix:uid")).intValue())
                .as("root")
                .isZero();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectory(directory.resolve("home"));
        Files.setAttribute(home, "unix:uid", 65534);
        Path root = Files.copy(perl, directory.resolve("becomes-root"));
        Files.setAttribute(root, "unix:mode", 04755);
        Path script = Files.writeString(
                directory.resolve("script"), "$< = $>; print \"$$\\n\"; $| = 1; print ''; sleep 1000;\n");
        List<String> line = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        line.addAll(List.of(ToolProcess.java(), "-Djava.io.tmpdir=" + home, "-cp", ToolProcess.classPath()));
        String store = "file:" + home.resolve("store");
        line.addAll(List.of(Main.class.getName(), "run", "--url", store, "name", root.toString(), script.toString()));
        ToolProcess tool = ToolProcess.start(directory, new ProcessBuilder(line));
        started.add(tool);
        await().atMost(ToolProcess.PATIENCE).until(() -> tool.out().endsWith("\n"));
        long command = Long.parseLong(tool.out().strip());
        try {
            assertThat(tool.err()).contains("becomes another user", "sudo holdfast run");
            tool.signal("TERM");
            await().atMost(ToolProcess.PATIENCE).until(() -> tool.err().contains("cannot be killed"));
            assertThat(tool.process().isAlive()).as("the lock is kept").isTrue();

            tool.signal("KILL").exit();
            await().atMost(ToolProcess.PATIENCE).until(() -> tool.err().contains("could not be killed"));
            assertThat(tool.err()).contains("kernel: " + command).doesNotContain("its command is killed too");
            assertThat(ToolProcess.isAlive(command)).isTrue();
        } finally {
            ToolProcess.signal("KILL", command);
        }
    }

    @Test
    void withoutTheGuardsMeansCommandIsNotRun() {
        SystemPrograms none = new SystemPrograms(List.of(directory), "relative:" + directory);
        Path ran = directory.resolve("ran");
        assertThatThrownBy(() -> GuardedCommand.start(
                        List.of("/bin/sh", "-c", "echo ran >" + ran),
                        Map.of(),
                        OptionalLong.empty(),
                        new LastWords("", "", "", ""),
                        none))
                .isInstanceOf(ToolException.class)
                .hasMessageContainingAll("cannot start the guard", "there is no setsid");
        assertThat(ran).doesNotExist();
    }

    /** TO-2: whoever sets it must not have COMMAND outlive the lock, and one that has nothing keeps nobody from a lock. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thePathOfTheCallerIsForCommandAlone(boolean hostile) throws IOException, InterruptedException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path used = directory.resolve("used");
        if (hostile) {
            for (String name : List.of("setsid", "mkfifo", "sleep", "rm", "rmdir", "env", "nice", "kill")) {
                Path fake = Files.writeString(bin.resolve(name), "#!/bin/sh\necho " + name + " >>" + used + "\n");
                Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        ProcessBuilder builder = new ProcessBuilder(
                ToolProcess.java(),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                ToolProcess.classPath(),
                Main.class.getName(),
                "run",
                "--url",
                url(),
                "name",
                "/bin/sh",
                "-c",
                "echo \"$PATH\"");
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("odd.name", "which the guard's shell would drop");
        ToolProcess tool = ToolProcess.start(directory, builder);
        started.add(tool);

        assertThat(tool.exit()).as(tool.err()).isZero();
        assertThat(tool.out()).isEqualTo(bin + "\n");
        assertThat(used).doesNotExist();
        assertThat(status()).isZero();
    }
}
