// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code ./holdfast} in a source tree made for the test, with a Maven that only notes that it was called and puts
 * the packaged jars where the real one would.
 */
class ScriptIT {
    @TempDir
    private Path directory;

    private Path tree = Path.of("");
    private Path bin = Path.of("");
    private final Map<String, String> environment = new TreeMap<>();
    private final List<ToolProcess> started = new ArrayList<>();

    @BeforeEach
    void tree() throws IOException {
        tree = Files.createDirectories(directory.resolve("source tree"));
        bin = Files.createDirectories(directory.resolve("bin"));
        Files.copy(Path.of("../holdfast"), tree.resolve("holdfast"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createFile(tree.resolve("pom.xml"));
        Files.createDirectories(tree.resolve("lock-api/src"));
        Files.createFile(tree.resolve("lock-api/pom.xml"));
        Files.createFile(tree.resolve("lock-api/src/Source.java"));
        goodMaven();
        environment.put("PATH", bin + ":/usr/bin:/bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("LIBRARIES", Path.of("target/app/lib").toAbsolutePath().toString());
        environment.put("HOLDFAST_URL", "file:" + directory.resolve("store"));
    }

    private void goodMaven() throws IOException {
        maven("sleep 0.5; mkdir -p lock-cli/target/app/lib; cp \"$LIBRARIES\"/*.jar lock-cli/target/app/lib");
    }

    /** A Maven that notes each call and then does that. */
    private void maven(String script) throws IOException {
        Path maven = bin.resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\necho \"$@\" >>" + directory + "/builds\n" + script + "\n");
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void end() {
        started.forEach(ToolProcess::close);
    }

    private ToolProcess call(Path script, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(script.toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(environment);
        ToolProcess tool = ToolProcess.start(directory, builder);
        started.add(tool);
        return tool;
    }

    private ToolProcess call(String... arguments) throws IOException {
        return call(tree.resolve("holdfast"), arguments);
    }

    private int builds() throws IOException {
        Path notes = directory.resolve("builds");
        return Files.exists(notes) ? Files.readAllLines(notes).size() : 0;
    }

    @Test
    void eightFirstCallsAtOnceBuildOnce() throws IOException, InterruptedException {
        List<ToolProcess> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(call("run", "--wait", "1m", "name", "echo", "ran"));
        }
        for (ToolProcess call : calls) {
            assertThat(call.exit()).as(call.err()).isZero();
            assertThat(call.out()).isEqualTo("ran\n");
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aSecondCallBuildsNothing() throws IOException, InterruptedException {
        call("--version").exit();
        ToolProcess second = call("run", "name", "true");

        assertThat(second.exit()).isZero();
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"option", "environment", "file"})
    void theClientOfANetworkedStoreIsBuiltWhenThatStoreIsFirstNamed(String where) throws Exception {
        Files.createDirectories(tree.resolve("lock-redis/target"));
        Files.createFile(tree.resolve("lock-redis/pom.xml"));
        Files.createFile(tree.resolve("lock-redis/target/lock-redis-1.jar"));
        call("run", "name", "true").exit();
        assertThat(calls()).singleElement().asString().contains("-pl lock-cli").doesNotContain("redis");

        String url = "redis://127.0.0.1:1";
        List<String> arguments = new ArrayList<>(List.of("list"));
        switch (where) {
            case "option" -> arguments.addAll(List.of("-u", url));
            case "environment" -> environment.put("HOLDFAST_URL", url);
            default -> {
                environment.remove("HOLDFAST_URL");
                Path file = Files.writeString(directory.resolve("settings"), "holdfast.url = " + url + "\n");
                arguments.addAll(List.of("--config", file.toString()));
            }
        }
        for (int i = 0; i < 2; i++) {
            ToolProcess tool = call(arguments.toArray(String[]::new));
            // This Maven builds no backend.
            assertThat(tool.exit()).isEqualTo(ExitCode.CONFIG);
            assertThat(tool.err()).contains("redis");
        }
        assertThat(calls()).hasSize(2).last().asString().contains("-pl lock-redis");
        assertThat(tree.resolve("lock-cli/target/app/stores/lock-redis/lock-redis-1.jar"))
                .exists();
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(directory.resolve("builds"));
    }

    @Test
    void aChangedSourceAndALostOneBuildAgain() throws IOException, InterruptedException {
        call("--version").exit();
        Path source = tree.resolve("lock-api/src/Source.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
        call("--version").exit();
        assertThat(builds()).isEqualTo(2);

        Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
        call("--version").exit();
        int before = builds();
        Files.delete(source);
        Files.setLastModifiedTime(
                tree.resolve("lock-api/src"), FileTime.from(Instant.now().plusSeconds(2)));
        call("--version").exit();
        assertThat(builds()).isEqualTo(before + 1);
    }

    @Test
    void itWorksFromAnyFolderAndByAnyLink() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("a link"), Path.of("source tree/holdfast"));
        Path deep = Files.createDirectories(directory.resolve("some where/else"));
        Path second = Files.createSymbolicLink(deep.resolve("again"), Path.of("../../a link"));
        environment.put("PATH", directory + "/some where/else:" + environment.get("PATH"));

        for (ToolProcess call : List.of(
                call(link, "run", "name", "echo", "ran"),
                call(second, "run", "name", "echo", "ran"),
                call(Path.of("/bin/sh"), "-c", "again run name echo ran"),
                call(Path.of("/bin/sh"), "-c", "cd 'source tree' && sh holdfast run name echo ran"))) {
            assertThat(call.exit()).as(call.err()).isZero();
            assertThat(call.out()).isEqualTo("ran\n");
        }
    }

    @Test
    void aDeadBuilderHoldsNobodyUp() throws IOException, InterruptedException {
        maven("echo $$ >" + directory + "/maven; exec sleep 1000");
        ToolProcess first = call("--version");
        long maven = ToolProcess.pidIn(directory.resolve("maven"));
        first.signal("KILL").exit();
        goodMaven();
        ToolProcess second = call("--version");
        // Its Maven lives on and may still write: nobody else builds meanwhile.
        await().atMost(ToolProcess.PATIENCE)
                .untilAsserted(() -> assertThat(second.err()).contains("another call is building"));
        ToolProcess.signal("KILL", maven);

        assertThat(second.exit()).as(second.err()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aFailedBuildShowsWhyAndIsTriedAgain() throws IOException, InterruptedException {
        maven("echo 'no such artifact'; exit 1");
        ToolProcess failed = call("run", "name", "echo", "ran");

        assertThat(failed.exit()).isEqualTo(125);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err()).contains("no such artifact", "the build failed");
        goodMaven();
        assertThat(call("--version").exit()).isZero();
    }

    @Test
    void buildOutputGoesToTheLogAndNotToCommandsOutput() throws IOException, InterruptedException {
        maven(
                "echo chatter; sleep 0.1; mkdir -p lock-cli/target/app/lib; cp \"$LIBRARIES\"/*.jar lock-cli/target/app/lib");
        ToolProcess call = call("run", "name", "echo", "ran");

        assertThat(call.exit()).isZero();
        assertThat(call.out()).isEqualTo("ran\n");
        assertThat(call.err()).contains("building").doesNotContain("chatter");
        assertThat(Files.readString(tree.resolve("target/holdfast-build.log"))).contains("chatter");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException, InterruptedException {
        Files.delete(bin.resolve("mvn"));
        Path few = Files.createDirectories(directory.resolve("few"));
        for (String tool : List.of("readlink", "find", "sed", "mkdir", "flock", "rm", "mktemp", "cat")) {
            Files.createSymbolicLink(few.resolve(tool), Path.of("/usr/bin", tool));
        }
        environment.put("PATH", few.toString());
        ToolProcess withoutMaven = call("--version");
        assertThat(withoutMaven.exit()).isEqualTo(125);
        assertThat(withoutMaven.err().lines()).singleElement().asString().contains("Maven");

        environment.remove("JAVA_HOME");
        ToolProcess withoutJava = call("--version");
        assertThat(withoutJava.exit()).isEqualTo(125);
        assertThat(withoutJava.err().lines()).singleElement().asString().contains("JDK 17");
    }

    @Test
    void anOldJavaIsRefused() throws IOException, InterruptedException {
        Path java = Files.createDirectories(directory.resolve("old/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho '    java.specification.version = 11' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        environment.put("JAVA_HOME", directory.resolve("old").toString());
        ToolProcess call = call("--version");

        assertThat(call.exit()).isEqualTo(125);
        assertThat(call.err().lines()).singleElement().asString().contains("Java 17 or newer", "is 11");
    }

    @Test
    void namesAreReadTheSameInEveryLocale() throws IOException, InterruptedException {
        call("--version").exit();
        for (String locale : List.of("", "C", "POSIX", "C.UTF-8", "no_SUCH")) {
            environment.put("LC_ALL", locale);
            ToolProcess call = call(
                    "run",
                    "--json",
                    "Prüfung-\uD83D\uDD12",
                    "sh",
                    "-c",
                    "echo \"$HOLDFAST_LOCK ${LC_ALL-}\" \"$1\"",
                    "x",
                    "ö");
            assertThat(call.exit()).as(call.err()).isZero();
            assertThat(call.out()).isEqualTo("Prüfung-\uD83D\uDD12 " + locale + " ö\n");
            assertThat(call.err()).contains("\"lock\":\"Pr\\u00fcfung-\\ud83d\\udd12\"");
        }
    }

    @Test
    void besideItsJarsItBuildsNothing() throws IOException, InterruptedException {
        Path installed = Files.createDirectories(directory.resolve("installed/lib"));
        Files.copy(tree.resolve("holdfast"), installed.resolveSibling("holdfast"), StandardCopyOption.COPY_ATTRIBUTES);
        try (var jars = Files.list(Path.of("target/app/lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, installed.resolve(jar.getFileName()));
            }
        }
        ToolProcess call = call(installed.resolveSibling("holdfast"), "run", "name", "echo", "ran");

        assertThat(call.exit()).as(call.err()).isZero();
        assertThat(call.out()).isEqualTo("ran\n");
        assertThat(builds()).isZero();
    }
}
