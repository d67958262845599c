// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@link FilePuppet} in a JVM of its own; closing kills it. */
final class PuppetProcess implements AutoCloseable {
    private static final long ANSWER_SECONDS = 120;

    private final Process process;
    private final BufferedReader answers;

    PuppetProcess() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FilePuppet.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static PuppetProcess in(Path directory) throws IOException {
        PuppetProcess puppet = new PuppetProcess();
        puppet.ask("connect " + directory);
        puppet.ask("open PT10S");
        return puppet;
    }

    /** Gives a command without waiting for its answer. */
    void tell(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    String ask(String command) throws IOException {
        tell(command);
        return answer();
    }

    /** The next line it says. */
    String answer() {
        try {
            return CompletableFuture.supplyAsync(this::read).get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            close();
            throw new AssertionError("the other process did not answer", e);
        }
    }

    private String read() {
        try {
            return answers.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
    }

    /** Ends it as {@code kill -9} does, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("process " + process.pid() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
