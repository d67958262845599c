// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every shell block of the pages, run to its end by {@code sh -e} in a folder with what the pages speak of: {@code ./holdfast}, a
 * report, a Makefile, two files. It must end with 0, or with the number that a line {@code <!-- exit N -->} before the block says. Of
 * a block marked {@code console} the lines after {@code $} are run, while somebody holds the lock {@code deploy}.
 *
 * <p>A line that cannot run here is listed below with the reason; so is a whole block by {@code <!-- not run: REASON -->} before it.
 */
class ShellBlocksIT {
    private static final Path ROOT = Path.of("..");

    /** Beginnings of lines, and why they are left out. */
    private static final Map<String, String> NOT_RUN = Map.of(
            "./verify", "builds and tests everything, this test among it",
            "mvn ", "a build inside the build",
            "etcdctl ", "needs an etcd with users; the kit of lock-etcd with a role (RoleTckTest) gives these rights",
            "./holdfast run load -- sh -c 'psql", "needs a PostgreSQL");

    private static final Pattern BLOCK = Pattern.compile(
            "((?:^<!--[^\\n]*-->\\n+)*)^```(sh|console)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern EXIT = Pattern.compile("<!-- exit ([0-9]+) -->");
    private static final Pattern LEFT_OUT = Pattern.compile("<!-- not run: (.*?) -->");

    @TempDir
    private Path directory;

    /**
     * One block.
     *
     * @param name page and line
     * @param marks what stands before it
     * @param kind {@code sh} or {@code console}
     * @param text its lines
     */
    private record Block(String name, String marks, String kind, String text) {
        int exit() {
            Matcher mark = EXIT.matcher(marks);
            return mark.find() ? Integer.parseInt(mark.group(1)) : 0;
        }

        Optional<String> reason() {
            Matcher mark = LEFT_OUT.matcher(marks);
            return mark.find() ? Optional.of(mark.group(1)) : Optional.empty();
        }

        /** The lines to run. */
        List<String> lines() {
            return text.lines()
                    .filter(line -> !kind.equals("console") || line.startsWith("$ "))
                    .map(line -> kind.equals("console") ? line.substring(2) : line)
                    .filter(line -> NOT_RUN.keySet().stream().noneMatch(line::startsWith))
                    .toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyBlockRunsToItsEnd() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher block = BLOCK.matcher(text);
            while (block.find()) {
                long line = text.substring(0, block.start(2)).lines().count();
                String name = ROOT.relativize(page) + " line " + line;
                blocks.add(new Block(name, block.group(1), block.group(2), block.group(3)));
            }
        }
        assertThat(blocks).as("shell blocks in the pages").hasSizeGreaterThan(4);
        return blocks.stream().map(block -> DynamicTest.dynamicTest(block.name(), () -> run(block)));
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/backends"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    private void run(Block block) throws Exception {
        String reason = block.reason().orElse("nothing of it can run here");
        assumeThat(block.reason().isEmpty() && block.lines().stream().anyMatch(line -> !line.isBlank()))
                .as(reason)
                .isTrue();
        Path place = Files.createTempDirectory(directory, "place");
        furnish(place);
        String script = block.lines().stream()
                .collect(Collectors.joining("\n", "", "\n"))
                // What the pages put into the system is put here.
                .replace("/var/lib/", place + "/var/lib/")
                .replace("/run/secrets/", place + "/secrets/");
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-e", "-c", script);
        String store = "file:" + place.resolve("store");
        builder.environment().keySet().removeIf(name -> name.startsWith("HOLDFAST_"));
        builder.environment().put("HOLDFAST_URL", store);
        builder.environment().put("PATH", place + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        try (LockClient client = LockClient.open(LockConfig.of(store));
                LockHandle hold = block.kind().equals("console") ? client.acquire("deploy") : client.acquire("other");
                ToolProcess shell = ToolProcess.start(place, builder)) {
            assertThat(shell.exit())
                    .as("%s\n%s\n%s%s", script, hold.name(), shell.out(), shell.err())
                    .isEqualTo(block.exit());
            hold.release(); // whatever became of it: a block may free it by force
        }
    }

    private static void furnish(Path place) throws IOException {
        Path installed = Files.createDirectories(place.resolve("installed"));
        Files.copy(ROOT.resolve("holdfast"), installed.resolve("holdfast"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(
                installed.resolve("lib"), Path.of("target/app/lib").toAbsolutePath());
        Files.createSymbolicLink(place.resolve("holdfast"), Path.of("installed/holdfast"));
        program(place.resolve("report.sh"), "echo reported");
        Files.writeString(place.resolve("Makefile"), "deploy:\n\t@echo deployed\n");
        Files.writeString(place.resolve("a"), "a\n");
        Files.writeString(place.resolve("b"), "b\n");
        Files.createDirectories(place.resolve("var/lib"));
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
