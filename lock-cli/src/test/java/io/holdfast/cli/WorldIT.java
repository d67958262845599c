// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What COMMAND finds around it when {@code ./holdfast}, installed beside its jars, has started it (rules TO-5 and TO-7). */
class WorldIT {
    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new TreeMap<>();
    private final List<ToolProcess> started = new ArrayList<>();
    private String holdfast = "";

    @BeforeEach
    void install() throws IOException {
        Path installed = Files.createDirectories(directory.resolve("installed"));
        Files.copy(Path.of("../holdfast"), installed.resolve("holdfast"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(
                installed.resolve("lib"), Path.of("target/app/lib").toAbsolutePath());
        holdfast = installed.resolve("holdfast").toString();
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOLDFAST_URL", "file:" + directory.resolve("store"));
    }

    @AfterEach
    void end() {
        started.forEach(ToolProcess::close);
    }

    private ToolProcess start(String... line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(environment);
        ToolProcess tool = ToolProcess.start(directory, builder);
        started.add(tool);
        return tool;
    }

    /** What a command printed that ended well and silently. */
    private String output(String... line) throws IOException, InterruptedException {
        ToolProcess tool = start(line);
        assertThat(tool.exit()).as(tool.err()).isZero();
        assertThat(tool.err()).isEmpty();
        return tool.out();
    }

    private String run(String... command) throws IOException, InterruptedException {
        return output(Stream.concat(Stream.of(holdfast, "run", "name"), Arrays.stream(command))
                .toArray(String[]::new));
    }

    private static Map<String, String> variables(String printed) {
        Map<String, String> variables = new TreeMap<>();
        // Each ends with it.
        for (String entry : printed.substring(0, printed.length() - 1).split("\0", -1)) {
            int equals = entry.indexOf('=', 1);
            variables.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        // A shell sets these for itself.
        variables.keySet().removeAll(List.of("PWD", "OLDPWD", "SHLVL", "_"));
        return variables;
    }

    @Test
    @DisplayName(
            "TO-5: every variable arrives, whatever its name, and whatever the scripts and Java do with the same name")
    void everyVariableArrives() throws IOException, InterruptedException {
        environment.putAll(Map.of(
                "app.url", "x",
                "a-b", "1",
                "two lines", "one\ntwo\n",
                "9", "nine",
                "BASH_FUNC_f%%", "() { echo ran; }"));
        for (String name :
                List.of("url", "home", "version", "log", "java", "guard", "late", "fifo", "gone", "odd", "one")) {
            environment.put(name, "the user's " + name);
        }
        environment.put("JAVA_TOOL_OPTIONS", "-Dmeant.for=command");
        environment.put("JDK_JAVA_OPTIONS", "-XX:+ThereIsNoSuchOption");
        environment.put("_JAVA_OPTIONS", "");
        environment.put("LC_ALL", "C");
        environment.put("IFS", "x");

        Map<String, String> found = variables(run("env", "-0"));

        Map<String, String> expected = new TreeMap<>(environment);
        expected.put("HOLDFAST_LOCK", "name");
        expected.put("HOLDFAST_TOKEN", found.getOrDefault("HOLDFAST_TOKEN", "none"));
        expected.put("HOLDFAST_STORE", found.getOrDefault("HOLDFAST_STORE", "none"));
        // No shell hands on a variable with this name as it was: it is the shell's own.
        expected.remove("IFS");
        found.remove("IFS");
        assertThat(found).isEqualTo(expected);
    }

    @Test
    @DisplayName("TO-5: bytes that are no text arrive")
    void everyByteArrives() throws IOException, InterruptedException {
        String line =
                "X=$(printf '\\377\\200') exec '" + holdfast + "' run name sh -c 'printf %s \"$X\" | od -An -tx1'";

        assertThat(output("/bin/sh", "-c", line).strip()).isEqualTo("ff 80");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HOLDFAST run name printf %s \"$(printf 'a\\377b')\"",
                "HOLDFAST run \"$(printf 'a\\377b')\" echo ran",
                "HOLDFAST status \"$(printf 'a\\377b')\"",
                "env \"app.x=$(printf 'a\\377b')\" HOLDFAST run name echo ran"
            })
    @DisplayName("TO-5: what would arrive changed is refused, and COMMAND is not run")
    void bytesThatWouldChange(String line) throws IOException, InterruptedException {
        ToolProcess tool = start("/bin/sh", "-c", line.replace("HOLDFAST", "'" + holdfast + "'"));

        assertThat(tool.exit()).as(tool.err()).isEqualTo(ExitCode.USAGE);
        assertThat(tool.err()).contains("is no text in UTF-8");
        assertThat(tool.out()).isEmpty();
    }

    @Test
    @DisplayName("TO-5: text that is not of ASCII arrives")
    void everyTextArrives() throws IOException, InterruptedException {
        assertThat(run("printf", "%s", "straße, Ω, 鎖")).isEqualTo("straße, Ω, 鎖");
        environment.put("app.ä", "ö");
        assertThat(variables(run("env", "-0"))).containsEntry("app.ä", "ö");
    }

    @Test
    @DisplayName("TO-5: a function that bash exports is one in COMMAND, also when COMMAND's name has an equals sign")
    void exportedFunctions() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(BASH)).as("bash is there").isTrue();
        Path odd = directory.resolve("a=b");
        Files.writeString(odd, "#!/bin/bash\nf \"$@\"\n");
        Files.setPosixFilePermissions(odd, PosixFilePermissions.fromString("rwx------"));
        for (String command : List.of("bash -c f", "'" + odd + "'")) {
            String line = "f() { echo ran; }; export -f f; '" + holdfast + "' run name " + command;

            assertThat(output(BASH.toString(), "-c", line)).isEqualTo("ran\n");
        }
    }

    @Test
    @DisplayName("TO-5: descriptors above 2 lead where they led, at the same place")
    void descriptors() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("in"), "first\nsecond\n");
        Files.writeString(directory.resolve("log"), "before\n");
        String line = "exec 5>>log 6<in 3>&1; read -r skipped <&6; '" + holdfast
                + "' run name sh -c 'echo logged >&5; cat <&6; echo three >&3'";

        assertThat(output("/bin/sh", "-c", line)).isEqualTo("second\nthree\n");
        assertThat(directory.resolve("log")).hasContent("before\nlogged");
    }

    @Test
    @DisplayName("TO-5: so do those of two digits, which bash gives out")
    void descriptorsOfTwoDigits() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(BASH)).as("bash is there").isTrue();
        String line = "'" + holdfast + "' run name cat <(echo hello) <(echo again)";

        assertThat(output(BASH.toString(), "-c", line)).isEqualTo("hello\nagain\n");
    }

    @Test
    @DisplayName("TO-5: standard input, the working directory and TMPDIR are the caller's")
    void inputAndPlace() throws IOException, InterruptedException {
        environment.put("TMPDIR", "/no/such/place");
        Path folder = Files.createDirectories(directory.resolve("a folder"));
        String line = "cd 'a folder' && printf in | '" + holdfast + "' run name sh -c 'cat; pwd; echo $TMPDIR'";

        assertThat(output("/bin/sh", "-c", line)).isEqualTo("in" + folder.toRealPath() + "\n/no/such/place\n");
    }

    @Test
    @DisplayName("TO-7: COMMAND gets no secret of the store, unless it is asked to")
    void noSecrets() throws IOException, InterruptedException {
        environment.put("HOLDFAST_PASSWORD", "hidden1");
        environment.put("HOLDFAST_REPORTS_PASSWORD", "hidden2");
        environment.put("HOLDFAST_REPORTS_URL", "redis://app:hidden3@h:1/0?lease=10s&token=hidden4");
        environment.put("HOLDFAST_REPORTS_TLS_KEY", "/run/secrets/key.pem");
        Map<String, String> found = variables(run("env", "-0"));

        assertThat(found.toString()).doesNotContain("hidden");
        assertThat(found)
                .containsEntry("HOLDFAST_URL", environment.get("HOLDFAST_URL"))
                .containsEntry("HOLDFAST_REPORTS_URL", "redis://h:1/0?lease=10s")
                .containsEntry("HOLDFAST_REPORTS_TLS_KEY", "/run/secrets/key.pem")
                .doesNotContainKeys("HOLDFAST_PASSWORD", "HOLDFAST_REPORTS_PASSWORD");
        assertThat(variables(output(holdfast, "run", "--keep-secrets", "name", "env", "-0")))
                .containsAllEntriesOf(environment);
    }

    @Test
    @DisplayName("TO-1: a working directory that is gone is a failure of the tool's, in one line")
    void aWorkingDirectoryThatIsGone() throws IOException, InterruptedException {
        String line = "mkdir gone && cd gone && rmdir ../gone && exec '" + holdfast + "' run name true";
        ToolProcess tool = start("/bin/sh", "-c", line);

        assertThat(tool.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(tool.err().lines().filter(said -> said.startsWith("holdfast: ")))
                .singleElement()
                .asString()
                .contains("working directory");
        assertThat(tool.out().getBytes(StandardCharsets.UTF_8)).isEmpty();
    }
}
