// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
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

/**
 * A program of the test's class path in a Java virtual machine of its own, which reads commands and writes answers, line by line.
 *
 * <p>What it writes to standard error shows in the test's. The program ends when its input does; {@link #close()} ends it in any case. The
 * end of this virtual machine ends its input, too. Thread-safe.
 */
public final class JavaProcess implements AutoCloseable {
    private static final String ENDED = "(the process has ended)";

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile Duration patience;

    private JavaProcess(Process process, Duration patience) {
        this.process = process;
        this.patience = patience;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /**
     * Starts a program.
     *
     * @param main its main class
     * @param patience how long to wait for an answer, or for its end
     * @param arguments of the main class
     * @return the process, which may not have begun yet
     * @throws UncheckedIOException when it cannot be started
     */
    public static JavaProcess start(Class<?> main, Duration patience, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Short-lived and many on few cores: quick to start counts, peak speed does not.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                classPath(),
                main.getName()));
        command.addAll(arguments);
        try {
            JavaProcess started = new JavaProcess(
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start(),
                    patience);
            Thread reader = new Thread(started::read, "tck-process-reader");
            reader.setDaemon(true);
            reader.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() {
        String modules = System.getProperty("jdk.module.path");
        String classes = System.getProperty("java.class.path");
        return modules == null || modules.isEmpty() ? classes : modules + File.pathSeparator + classes;
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            answers.add("(" + e + ")"); // a pipe of a process that was ended by force
        }
        answers.add(ENDED);
    }

    /**
     * Sends a command without waiting for its answer.
     *
     * @param command one line
     */
    public void send(String command) {
        commands.println(command);
    }

    /**
     * Waits for the next answer.
     *
     * @param expected what it begins with
     * @return its words
     * @throws IllegalStateException when another answer comes, none comes in time, or the process has ended
     * @throws InterruptedException when interrupted while it waits
     */
    public String[] answer(String expected) throws InterruptedException {
        String line = answers.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null || !line.startsWith(expected)) {
            throw new IllegalStateException("process " + process.pid() + " answered '" + line + "' instead of '"
                    + expected + "' within " + patience + "; its errors are on standard error");
        }
        return line.split(" ");
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @param command one line
     * @param expected what the answer begins with
     * @return the answer's words
     * @throws IllegalStateException as {@link #answer}
     * @throws InterruptedException when interrupted while it waits
     */
    public String[] ask(String command, String expected) throws InterruptedException {
        send(command);
        return answer(expected);
    }

    /**
     * Sends a command that ends what the process was told before, and waits for its answer; other answers that come before it are dropped.
     *
     * @param command one line
     * @param expected the answer
     * @return whether the answer came; false when the process ended, or did not answer in time
     * @throws InterruptedException when interrupted while it waits
     */
    public boolean settle(String command, String expected) throws InterruptedException {
        send(command);
        long deadline = System.nanoTime() + patience.toNanos();
        String line;
        do {
            line = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } while (line != null && !line.equals(expected) && !line.equals(ENDED));
        return expected.equals(line);
    }

    /**
     * Changes how long to wait.
     *
     * @param time for an answer, or for its end
     * @return this
     */
    public JavaProcess within(Duration time) {
        patience = time;
        return this;
    }

    /**
     * Whether it has not ended.
     *
     * @return true also when it is stopped
     */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Whether it has said something that nobody has asked for by {@link #answer} yet.
     *
     * @return true when {@link #answer} would not wait
     */
    public boolean hasAnswered() {
        return !answers.isEmpty();
    }

    /**
     * Kills it (SIGKILL) and waits for its end.
     *
     * @return when the signal was sent, by {@link System#nanoTime}
     * @throws InterruptedException when interrupted while it waits
     */
    public long kill() throws InterruptedException {
        long at = System.nanoTime();
        process.destroyForcibly();
        if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " did not end");
        }
        return at;
    }

    /**
     * Stops it without ending it (SIGSTOP).
     *
     * @throws IOException when it cannot be told
     * @throws InterruptedException when interrupted meanwhile
     */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /**
     * Lets it run again (SIGCONT).
     *
     * @throws IOException when it cannot be told
     * @throws InterruptedException when interrupted meanwhile
     */
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

    private void thawUnlessEnded() throws IOException, InterruptedException {
        try {
            thaw();
        } catch (IllegalStateException ended) {
            // By itself, since it was looked at: whoever it was that
            // could not be told is waited for, and then ended by force.
        }
    }

    /** Ends it by the end of its input, or else by force. */
    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                thawUnlessEnded();
                commands.close();
                process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
