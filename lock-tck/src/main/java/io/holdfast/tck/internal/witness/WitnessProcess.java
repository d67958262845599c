// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link WitnessMain} in a JVM of its own, of the same class path; it ends when this is closed or this JVM ends. */
public final class WitnessProcess implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Duration patience;

    /**
     * Starts a process.
     *
     * @param patience how long to wait for an answer
     * @param arguments of {@link WitnessMain}
     */
    public WitnessProcess(Duration patience, List<String> arguments) throws IOException {
        this.patience = patience;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Short-lived and many on few cores: quick to start counts, peak speed does not.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                classPath(),
                WitnessMain.class.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "tck-witness-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private static String classPath() {
        String modules = System.getProperty("jdk.module.path");
        String classes = System.getProperty("java.class.path");
        return modules == null || modules.isEmpty() ? classes : modules + File.pathSeparator + classes;
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                answers.add(line);
            }
            answers.add("(the process has ended)");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a command without waiting for its answer. */
    public void send(String command) {
        commands.println(command);
    }

    /** The next answer, in words; it must begin as expected. */
    public String[] answer(String expected) throws InterruptedException {
        String line = answers.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null || !line.startsWith(expected)) {
            throw new IllegalStateException("a witness process answered '" + line + "' instead of '" + expected
                    + "' within " + patience + "; its errors are on standard error");
        }
        return line.split(" ");
    }

    /** Sends a command and waits for its answer. */
    public String[] ask(String command, String expected) throws InterruptedException {
        send(command);
        return answer(expected);
    }

    /** Kills it (SIGKILL) and waits for its end; when the signal was sent: {@code nanoTime}. */
    public long kill() throws InterruptedException {
        long at = System.nanoTime();
        process.destroyForcibly();
        if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " did not end");
        }
        return at;
    }

    /** Stops it without ending it (SIGSTOP). */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets it run again (SIGCONT). */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("kill -" + name + " " + process.pid() + " failed");
        }
    }

    /** Ends it by the end of its input, or else by force. */
    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive()) {
                thaw();
                commands.close();
                process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
