// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ReaperTest extends ServerTestBase {
    /** Starts a server, says where it is, and waits to be killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) {
            StoreServer server = StoreKind.REDIS_7.spec().start();
            ProcessHandle process = ProcessHandle.current()
                    .children()
                    .filter(child -> child.info().commandLine().orElse("").contains("redis"))
                    .findFirst()
                    .orElseThrow();
            System.out.println(
                    process.pid() + " " + server.node(1).site().layout().directory());
            while (true) {
                LockSupport.park();
            }
        }
    }

    /** Everything of this JVM, and the tests, which belong to no path but patch the kit's module. */
    private static String classPath() {
        return String.join(
                File.pathSeparator,
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path"),
                Path.of("target", "test-classes").toAbsolutePath().toString());
    }

    @Test
    void endsTheServersOfAKilledJvmAndDeletesTheirFiles() throws IOException {
        assumeProgramsOfThisMachine();
        // Where there is no program, this says so and skips.
        Servers.shared(StoreKind.REDIS_7);
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(),
                        Victim.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = victim.inputReader(StandardCharsets.UTF_8)) {
            String[] said = out.readLine().split(" ", 2);
            Optional<ProcessHandle> server = ProcessHandle.of(Long.parseLong(said[0]));
            assertThat(server).get().matches(ProcessHandle::isAlive);
            assertThat(Path.of(said[1])).exists();
            victim.destroyForcibly();
            await().until(() -> !server.get().isAlive());
            await().until(() -> !Path.of(said[1]).toFile().exists());
        } finally {
            victim.destroyForcibly();
        }
    }
}
