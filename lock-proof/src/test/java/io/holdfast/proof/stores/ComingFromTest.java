// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.internal.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.api.RFencedLock;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Every foreign line of docs/coming-from.md: what is a command is run, by the program that it belongs to, with the exit code that the
 * page says; what is a method is there, in the release that we have. Of ShedLock there is none here. A row that has no test fails.
 */
class ComingFromTest {
    private static final Pattern SECTION = Pattern.compile("(?m)^## (.*)$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern CALL = Pattern.compile("([A-Za-z]+)\\(");

    /** Where the methods and types of a section are. */
    private static final Map<String, List<Class<?>>> TYPES = Map.of(
            "Redisson", List.of(RedissonClient.class, RLock.class, RFencedLock.class, Config.class),
            "Curator",
                    List.of(
                            InterProcessMutex.class,
                            InterProcessSemaphoreMutex.class,
                            InterProcessMultiLock.class,
                            InterProcessReadWriteLock.class,
                            InterProcessSemaphoreV2.class,
                            ConnectionStateListener.class));

    @TempDir
    private Path directory;

    private final List<Process> begun = new ArrayList<>();
    /** By the first cell of its row, with a lock of its own. */
    private final Map<String, Consumer<String>> commands = new LinkedHashMap<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : begun) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyForeignLine() throws IOException {
        flock();
        consul();
        etcdctl();
        List<DynamicTest> tests = new ArrayList<>();
        String page = Files.readString(Path.of("../docs/coming-from.md"));
        for (String part : page.split("(?m)^(?=## )", -1)) {
            Matcher section = SECTION.matcher(part);
            if (section.find() && !section.group(1).equals("ShedLock")) { // which is on no class path of ours
                part.lines()
                        .filter(line -> line.startsWith("| "))
                        .skip(2)
                        .map(line -> line.substring(2, line.indexOf(" |", 2)))
                        .forEach(cell -> tests.add(DynamicTest.dynamicTest(
                                section.group(1) + ": " + cell, () -> check(section.group(1), cell))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(45);
        return tests.stream();
    }

    private void check(String section, String cell) {
        List<Class<?>> types = TYPES.get(section);
        if (types == null) {
            assertThat(commands).as("rows of %s with a test", section).containsKey(cell);
            commands.get(cell).accept("from-" + UUID.randomUUID());
            return;
        }
        for (Matcher code = CODE.matcher(cell); code.find(); ) {
            String text = code.group(1).replaceAll("\"[^\"]*\"|^new ", "");
            Matcher call = CALL.matcher(text);
            if (!call.find()) {
                assertThat(known(types, text)).as(text).isTrue();
            }
            for (boolean more = call.reset().find(); more; more = call.find()) {
                assertThat(known(types, call.group(1))).as(call.group(1)).isTrue();
            }
        }
    }

    /** A type, a method, or a setting, which has a setter. */
    private static boolean known(List<Class<?>> types, String word) {
        return types.stream()
                .anyMatch(type -> type.getSimpleName().equals(word)
                        || Arrays.stream(type.getMethods())
                                .anyMatch(method -> method.getName().equals(word)
                                        || method.getName().equalsIgnoreCase("set" + word)));
    }

    private void flock() {
        commands.put("`flock FILE COMMAND`", file -> {
            runs(0, "flock " + file + " true");
            runs(69, "flock " + file + " ./not-there");
        });
        commands.put(
                "`flock -n FILE COMMAND`",
                file -> whileHeld("flock " + file, () -> runs(1, "flock -n " + file + " true")));
        commands.put("`flock -w 5 FILE COMMAND`", file -> {
            runs(0, "flock -w 5 " + file + " true");
            whileHeld("flock " + file, () -> runs(1, "flock -w 0.1 " + file + " true"));
        });
        commands.put(
                "`flock -E 3 …`", file -> whileHeld("flock " + file, () -> runs(3, "flock -n -E 3 " + file + " true")));
        commands.put("`flock FILE -c 'a; b'`", file -> {
            assertThat(runs(0, "flock " + file + " -c 'echo a; echo b'")).isEqualTo("a\nb\n");
            runs(64, "flock -c 'a; b' " + file);
        });
        commands.put("`flock -x FILE COMMAND`, `-e`", file -> {
            runs(0, "flock -x " + file + " true");
            runs(0, "flock -e " + file + " true");
        });
        commands.put("`flock 9` on a descriptor, `-u`", file -> runs(0, "(flock 9 && flock -u 9) 9>" + file));
        commands.put(
                "`flock -s`", file -> whileHeld("flock -s " + file, () -> runs(0, "flock -n -s " + file + " true")));
        commands.put("`flock -o`", file -> {
            // A child left behind keeps the lock, but with this option.
            runs(0, "flock " + file + " sh -c 'sleep 3 >/dev/null 2>&1 &' && ! flock -n " + file + " true");
            runs(0, "flock -o " + file + " sh -c 'sleep 3 >/dev/null 2>&1 &' && flock -n " + file + " true");
        });
    }

    private void consul() {
        String lock = "consul lock ";
        commands.put("`consul lock PREFIX 'a; b'`", name -> assertThat(runs(0, lock + name + " 'echo a; echo b'"))
                .contains("a\nb\n"));
        commands.put("`consul lock -shell=false PREFIX COMMAND`", name -> assertThat(
                        runs(0, lock + "-shell=false " + name + " echo ran"))
                .contains("ran"));
        commands.put("`-timeout=15s` (`-try=15s`)", name -> {
            runs(0, lock + "-timeout=15s " + name + " true");
            runs(0, lock + "-try=15s " + name + " true");
            whileHeld(lock + "-shell=false " + name, () -> runs(1, lock + "-timeout=1s " + name + " true"));
        });
        commands.put("`-n=3`", name -> runs(0, lock + "-n=3 " + name + " true"));
        commands.put("`-name=TEXT`", name -> runs(0, lock + "-name=TEXT " + name + " true"));
        commands.put("`-child-exit-code`", name -> {
            runs(2, lock + "-child-exit-code " + name + " 'exit 7'");
            runs(0, lock + name + " 'exit 7'");
        });
        commands.put("`-pass-stdin`", name -> {
            assertThat(runs(0, "echo typed | " + lock + "-pass-stdin " + name + " cat"))
                    .contains("typed");
            assertThat(runs(0, "echo typed | " + lock + name + " cat")).doesNotContain("typed");
        });
        commands.put("`-monitor-retry=3`", name -> runs(0, lock + "-monitor-retry=3 " + name + " true"));
    }

    private void etcdctl() {
        String lock = "etcdctl lock ";
        commands.put("`etcdctl lock PREFIX/NAME -- COMMAND`", name -> {
            runs(0, lock + name + " -- true");
            runs(1, lock + name + " -- sh -c 'exit 7'");
            assertThat(runs(0, "echo typed | " + lock + name + " -- cat")).doesNotContain("typed");
        });
        commands.put("`--ttl=10`", name -> runs(0, lock + "--ttl=10 " + name + " -- true"));
        commands.put("`ETCD_LOCK_KEY`, `ETCD_LOCK_REV`", name -> assertThat(runs(0, lock + name + " -- env"))
                .contains("ETCD_LOCK_KEY=" + name, "ETCD_LOCK_REV="));
        commands.put("`etcdctl lock NAME` without a command", name -> {
            Path said = directory.resolve("said-" + name);
            begin(lock + name + " >" + said);
            comes(() -> Files.exists(said) && Files.readString(said).contains(name));
        });
    }

    /** Runs a line to its end, in a shell, and returns what it said. */
    private String runs(int exit, String line) {
        try {
            Process process = shell(line).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s%n%s", line, said).isEqualTo(exit);
            return said;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(line, e);
        }
    }

    /** Does something while another process of that command holds. */
    private void whileHeld(String command, Runnable then) {
        Path held = directory.resolve("held-" + UUID.randomUUID());
        begin(command + " sh -c 'touch " + held + "; exec sleep 60'");
        comes(() -> Files.exists(held));
        then.run();
    }

    private static void comes(Callable<Boolean> condition) {
        try {
            assertThat(Await.until(Duration.ofSeconds(30), condition)).isTrue();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void begin(String line) {
        try {
            begun.add(shell(line).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    private ProcessBuilder shell(String line) {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", line).directory(directory.toFile());
        Path installed = Path.of(System.getProperty("user.home"), ".cache", "holdfast", "servers", "bin");
        builder.environment()
                .put(
                        "PATH",
                        System.getProperty("holdfast.servers.prefix", installed.getParent() + "") + "/bin:"
                                + System.getenv("PATH"));
        if (line.contains("consul ")) {
            builder.environment()
                    .put(
                            "CONSUL_HTTP_ADDR",
                            Servers.shared(StoreKind.CONSUL_1_8).node(1).endpoint());
        }
        if (line.contains("etcdctl ")) {
            builder.environment()
                    .put(
                            "ETCDCTL_ENDPOINTS",
                            "http://"
                                    + Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint());
            builder.environment().put("ETCDCTL_API", "3");
        }
        return builder;
    }
}
