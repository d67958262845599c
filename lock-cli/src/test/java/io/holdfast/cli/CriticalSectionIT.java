// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight tools at one lock, of which random ones are killed, alone, their command alone, or both (rules ME-1, FT-1, CR-1). */
class CriticalSectionIT {
    private static final int TOOLS = 8;

    /** A place behind seven others, and behind the grace after each crash meanwhile, on a machine that is busy. */
    private static final Duration LONGEST_CALL = Duration.ofSeconds(45);

    @TempDir
    private Path directory;

    private final List<Caller> callers = new ArrayList<>();

    @AfterEach
    void end() {
        callers.forEach(caller -> caller.tool.close());
    }

    @Test
    void eightWarmTools() throws IOException, InterruptedException {
        warm(40, 10);
    }

    @Test
    @Tag("long")
    void eightWarmToolsAtLength() throws IOException, InterruptedException {
        warm(200, 60);
    }

    @Test
    void eightToolsByTheScript() throws IOException, InterruptedException {
        Path installed = Files.createDirectories(directory.resolve("installed/lib"));
        Files.copy(Path.of("../holdfast"), installed.resolveSibling("holdfast"), StandardCopyOption.COPY_ATTRIBUTES);
        try (var jars = Files.list(Path.of("target/app/lib"))) {
            for (Path jar : jars.toList()) {
                Files.createSymbolicLink(installed.resolve(jar.getFileName()), jar.toAbsolutePath());
            }
        }
        CriticalSection section = CriticalSection.in(directory);
        String loop = "i=0; while [ $i -lt 10 ]; do " + installed.resolveSibling("holdfast") + " run --url file:"
                + directory + "/store counter sh section.sh || exit; i=$((i + 1)); done";
        List<ToolProcess> loops = new ArrayList<>();
        for (int i = 0; i < TOOLS; i++) {
            ProcessBuilder builder = new ProcessBuilder("sh", "-c", loop);
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            loops.add(ToolProcess.start(directory, builder));
        }
        for (ToolProcess one : loops) {
            assertThat(one.process().waitFor(10, TimeUnit.MINUTES)).isTrue();
            assertThat(one.process().exitValue()).as(one.err()).isZero();
        }
        assertThat(CriticalSection.begun(section.history())).isEqualTo(TOOLS * 10);
        section.judge();
    }

    private void warm(int calls, int kills) throws IOException, InterruptedException {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("CriticalSectionIT: " + TOOLS + " tools, " + calls + " calls each, " + kills
                + " kills; repeat with -Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        CriticalSection section = CriticalSection.in(directory);
        for (int i = 0; i < TOOLS; i++) {
            callers.add(new Caller(i, calls));
        }
        for (int kill = 0; kill < kills; kill++) {
            long after = (long) TOOLS * calls * (kill + 1) / (kills + 2);
            await().atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        restartTheKilled();
                        return CriticalSection.begun(section.history()) >= after;
                    });
            kill(section, random);
        }
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    restartTheKilled();
                    return callers.stream()
                            .noneMatch(caller -> caller.tool.process().isAlive());
                });
        section.judge();
        report(section, calls);
    }

    /** The holder of this moment or, when it has just ended, nobody or the next one: all are fair. */
    private void kill(CriticalSection section, Random random) throws IOException, InterruptedException {
        List<CriticalSection.Line> begun = section.history().stream()
                .filter(line -> line.verb().equals("in"))
                .toList();
        List<Long> holder = begun.get(begun.size() - 1).rest();
        int kind = random.nextInt(3);
        if (kind != 0) {
            destroy(holder.get(0));
        }
        if (kind != 1) {
            destroy(holder.get(1));
        }
    }

    private static void destroy(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private void restartTheKilled() throws IOException {
        for (Caller caller : callers) {
            caller.goOn();
        }
    }

    private void report(CriticalSection section, int calls) throws IOException {
        long longest = 0;
        int finished = 0;
        for (Caller caller : callers) {
            for (String note : caller.notes()) {
                String[] words = note.split(" ", -1);
                // 0: done. 137: COMMAND was killed alone. 1: its
                // timeout(1) or cat was hit while the session was cleared.
                assertThat(Integer.parseInt(words[0]))
                        .as("exit code; standard error: %s", caller.tool.err())
                        .isIn(0, 137);
                longest = Math.max(longest, Long.parseLong(words[1]));
                finished++;
            }
        }
        System.out.println(
                "CriticalSectionIT: " + finished + " calls finished, " + CriticalSection.begun(section.history())
                        + " sections begun, the longest call took " + longest + " ms");
        assertThat(finished).isEqualTo(TOOLS * calls);
        assertThat(Duration.ofMillis(longest)).isLessThan(LONGEST_CALL);
    }

    /** One virtual machine that calls the tool, and its successors when it was killed, until all calls are made. */
    private final class Caller {
        private final Path notes;
        private final int calls;
        private ToolProcess tool;

        Caller(int number, int calls) throws IOException {
            this.notes = directory.resolve("notes-" + number);
            this.calls = calls;
            this.tool = start(calls);
        }

        private ToolProcess start(int remaining) throws IOException {
            String classPath = ToolProcess.classPath() + ":"
                    + Path.of("target/test-classes").toAbsolutePath();
            return ToolProcess.start(
                    directory,
                    new ProcessBuilder(
                            ToolProcess.java(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            classPath,
                            WarmRuns.class.getName(),
                            "file:" + directory.resolve("store"),
                            Integer.toString(remaining),
                            notes.toString()));
        }

        List<String> notes() throws IOException {
            return Files.exists(notes) ? Files.readAllLines(notes) : List.of();
        }

        void goOn() throws IOException {
            if (!tool.process().isAlive()) {
                int remaining = calls - notes().size();
                assertThat(tool.process().exitValue()).as(tool.err()).isIn(0, 137);
                if (remaining > 0) {
                    tool = start(remaining);
                }
            }
        }
    }
}
