// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code servers/install.sh} does to the system it runs on: nothing, but with {@code --docker}. The programs that would change it are
 * others here, which write down that they were called. What {@code --docker} puts into {@code /usr/sbin} is not tried: it would be there.
 */
class InstallScriptTest {
    private static final Path SCRIPT =
            Path.of("../servers/install.sh").toAbsolutePath().normalize();

    /** What it asks a server for, to see whether it is there. */
    private static final Map<String, String> SERVERS = Map.of(
            "redis-7", "redis-server",
            "redis-8", "redis-server-8",
            "etcd-3.4", "etcd",
            "etcd-3.5", "etcd-3.5",
            "consul", "consul",
            "postgresql-15", "postgres-15",
            "mariadb-10.11", "mariadbd-10.11",
            "pgbouncer", "pgbouncer");

    @TempDir
    private Path directory;

    private Path bin;
    private Path prefix;
    private Path called;

    @BeforeEach
    void otherPrograms() throws IOException {
        bin = Files.createDirectory(directory.resolve("bin"));
        prefix = directory.resolve("servers");
        called = directory.resolve("called");
        for (String name : List.of("apt-get", "dpkg", "dpkg-query", "mvn", "gcc")) {
            program(name, "echo " + name + " \"$@\" >>" + called);
        }
    }

    private void program(String name, String does) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + does + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Ended(int code, String said) {}

    private Ended install(String... options) throws IOException, InterruptedException {
        Path said = directory.resolve("said");
        ProcessBuilder builder = new ProcessBuilder("/bin/bash", SCRIPT.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.command().addAll(List.of(options));
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        builder.environment().put("HOLDFAST_SERVERS_PREFIX", prefix.toString());
        builder.environment().put("TMPDIR", directory.toString());
        Process script = builder.start();
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return new Ended(script.exitValue(), Files.readString(said));
    }

    private String called() throws IOException {
        return Files.exists(called) ? Files.readString(called) : "";
    }

    /** As after a run that has installed all. */
    private void allIsThere() throws IOException {
        Files.createDirectories(prefix.resolve("bin"));
        Files.createDirectories(prefix.resolve("lib"));
        Files.createDirectories(prefix.resolve(".stamp"));
        for (Map.Entry<String, String> server : SERVERS.entrySet()) {
            Files.createFile(prefix.resolve(".stamp").resolve(server.getKey()));
            Path program = Files.writeString(prefix.resolve("bin").resolve(server.getValue()), "#!/bin/sh\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String pom = Files.readString(SCRIPT.resolveSibling("zookeeper/pom.xml"));
        String version = pom.split("\n  <version>", 2)[1].split("<", 2)[0];
        Files.createFile(prefix.resolve(".stamp").resolve("zookeeper-" + version));
        Files.createFile(prefix.resolve(".stamp").resolve("image-base"));
        Files.createFile(prefix.resolve("lib/clockshim.so"));
    }

    @ParameterizedTest
    @CsvSource({"--help, 0, usage:", "--hlep, 2, unknown option --hlep", "--prefix=/tmp, 2, unknown option"})
    @DisplayName("options that are none are told, and nothing is made")
    void options(String option, int code, String said) throws Exception {
        Ended ended = install(option);
        assertThat(ended.code()).as(ended.said()).isEqualTo(code);
        assertThat(ended.said()).contains(said);
        assertThat(prefix).doesNotExist();
        assertThat(called()).isEmpty();
    }

    @Test
    @DisplayName("a prefix with a space is refused before anything is made")
    void aPrefixWithASpace() throws Exception {
        Path odd = directory.resolve("a b");
        Ended ended = install("--prefix", odd.toString());
        assertThat(ended.code()).as(ended.said()).isEqualTo(2);
        assertThat(odd).doesNotExist();
    }

    @Test
    @DisplayName("who is not root is told so, and no package is fetched")
    void whoIsNotRoot() throws Exception {
        program("id", "echo 1000");
        Ended ended = install();
        assertThat(ended.code()).as(ended.said()).isEqualTo(69);
        assertThat(ended.said()).contains("not root");
        assertThat(called()).isEmpty();
    }

    @Test
    @DisplayName("where all is there, nothing is fetched, installed or written, of Docker neither")
    void nothingIsDoneTwice() throws Exception {
        allIsThere();
        program("dockerd", "exit 1");
        program("iptables", "exit 1");
        for (String[] options : new String[][] {{}, {"--docker"}}) {
            Ended ended = install(options);
            assertThat(ended.code()).as(ended.said()).isZero();
            assertThat(ended.said()).contains("all there: " + prefix.resolve("bin"));
            assertThat(called()).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "what is missing is downloaded and unpacked, with lists of its own, never installed, and nothing is called there that does not run")
    void whatIsMissingIsUnpacked() throws Exception {
        allIsThere();
        Files.delete(prefix.resolve(".stamp/consul"));
        program("id", "echo 0");
        program("dpkg", "echo dpkg \"$@\" >>" + called + "; [ \"$1\" != --print-architecture ] || echo amd64");
        Ended ended = install();
        assumeThat(ended.said()).as("this system's archive is known").doesNotContain("no *.sources file");
        assertThat(ended.code()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said()).contains("consul was unpacked").contains("does not run");
        assertThat(prefix.resolve(".stamp/consul")).doesNotExist();
        assertThat(called().lines())
                .as("each call of apt-get has its own lists and caches, and downloads only")
                .filteredOn(line -> line.startsWith("apt-get"))
                .allMatch(line -> line.contains("Dir::State::Lists="))
                .allMatch(line -> line.endsWith(" update") || line.contains(" download "));
        assertThat(called()).doesNotContain(" install ");
    }
}
