// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program whose {@code main} ends without closing its client. */
class ApplicationEndsTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    Path directory;

    private String file() {
        return "file:" + directory.resolve("locks") + "?crash-grace=500ms";
    }

    /** A program that was written in haste. */
    static final class Careless {
        private Careless() {}

        public static void main(String[] args) throws InterruptedException {
            LockClient client = LockClient.open(args[0]);
            LockHandle hold = client.acquire("x");
            client.lock("y").lock();
            throw new IllegalStateException("ends with " + hold + " and " + client);
        }
    }

    private static int ended(String url) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Careless.class.getName(),
                        url)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the program ends by itself")
                    .isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    @DisplayName("CR-1, CL-3: a program that ends without closing its client ends, and its locks pass on")
    void programThatEndsWithoutClose() throws Exception {
        assertThat(ended(file())).isEqualTo(1);
        try (LockClient next = LockClient.open(file())) {
            for (String name : new String[] {"x", "y"}) {
                assertThat(next.tryAcquire(name, Duration.ofSeconds(PATIENCE_SECONDS)))
                        .hasValueSatisfying(LockHandle::close);
            }
        }
        FileFixture.assertNothingLeft(directory.resolve("locks"));
    }

    @ParameterizedTest
    @DisplayName("CL-3: so does one whose locks are its own")
    @ValueSource(strings = "memory:careless")
    void programThatEndsWithoutCloseInMemory(String url) throws Exception {
        assertThat(ended(url)).isEqualTo(1);
    }
}
