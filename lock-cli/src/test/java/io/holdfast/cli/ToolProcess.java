// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One {@code holdfast} in a virtual machine of its own, from the jars that were packaged. */
final class ToolProcess implements AutoCloseable {
    /** Far above what anything here takes, even on a machine with other things to do. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Path LIBRARIES = Path.of("target/app/lib");

    private final Process process;
    private final Path out;
    private final Path err;

    private ToolProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it with the working directory's files for output, and no input. */
    static ToolProcess start(Path directory, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
        line.addAll(List.of(classPath(), Main.class.getName()));
        line.addAll(Arrays.asList(arguments));
        return start(directory, new ProcessBuilder(line));
    }

    /** Starts any command line in the same way. */
    static ToolProcess start(Path directory, ProcessBuilder builder) throws IOException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        Process process = builder.directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new ToolProcess(process, out, err);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String classPath() throws IOException {
        try (Stream<Path> jars = Files.list(LIBRARIES)) {
            return jars.map(jar -> jar.toAbsolutePath().toString()).sorted().collect(Collectors.joining(":"));
        }
    }

    long pid() {
        return process.pid();
    }

    Process process() {
        return process;
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    /** Sends a signal to the tool alone. */
    ToolProcess signal(String name) throws IOException, InterruptedException {
        signal(name, process.pid());
        return this;
    }

    static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-s", name, Long.toString(pid)).start();
        assertThat(kill.waitFor()).as("kill -s %s %s", name, pid).isZero();
    }

    /** Waits for its end. */
    int exit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the tool ends")
                .isTrue();
        return process.exitValue();
    }

    /** The number that COMMAND has written into a file, once it has. */
    static long pidIn(Path file) {
        await().atMost(PATIENCE)
                .until(() -> Files.exists(file) && Files.readString(file).endsWith("\n"));
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether a process is there and not merely waiting for its parent. */
    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
        } catch (IOException gone) {
            return false;
        }
    }

    /** Waits until nobody is left in COMMAND's session. */
    static void awaitEmpty(long session) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(SessionMembers.of(session)).isEmpty());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
