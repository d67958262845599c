// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * COMMAND in a session of its own, with a guard beside it that kills the whole session when this process is gone or the hold's
 * deadline has passed. Used by one thread.
 *
 * <p>The two scripts beside this class are the guard and what becomes COMMAND. This process is the only one that has the
 * writing end of the FIFO the guard reads, so the guard sees the end of file however this process ends. Both are started with
 * this process's standard input, output and error. Linux only: it needs {@code setsid}, {@code mkfifo} and {@code /proc}.
 */
final class GuardedCommand implements Job, AutoCloseable {
    private static final String SHELL = "/bin/sh";
    private static final String BASH = "/bin/bash";
    private static final String FIFO = "fifo";

    private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String ODD = "_HOLDFAST_ODD";

    /** How often to look whether those killed are gone. */
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(20);

    private final Path directory;
    private final RandomAccessFile fifo;
    private final Process process;

    private GuardedCommand(Path directory, RandomAccessFile fifo, Process process) {
        this.directory = directory;
        this.fifo = fifo;
        this.process = process;
    }

    /**
     * Starts COMMAND. It runs only after the guard is armed.
     *
     * @param command COMMAND and its arguments
     * @param environment what it finds in its environment, all of it
     * @param deadline the hold's, as machine uptime; empty when it has none
     * @param lastWords what the guard says
     * @throws ToolException when the guard's means are missing
     */
    static GuardedCommand start(
            List<String> command, Map<String, String> environment, OptionalLong deadline, LastWords lastWords) {
        return start(command, environment, deadline, lastWords, SystemPrograms.of(System.getenv()));
    }

    static GuardedCommand start(
            List<String> command,
            Map<String, String> environment,
            OptionalLong deadline,
            LastWords lastWords,
            SystemPrograms programs) {
        Path directory = null;
        RandomAccessFile fifo = null;
        try {
            String setsid = programs.find("setsid");
            directory = temporaryDirectory(environment);
            Path file = directory.resolve(FIFO);
            makeFifo(programs.find("mkfifo"), file);
            // Open for both, or opening would wait for the reader. Written before the guard is
            // there: its first line is the deadline, and it is armed when it has read that.
            fifo = new RandomAccessFile(file.toFile(), "rw");
            write(fifo, deadlineLine(deadline));
            Descriptors descriptors = Descriptors.ofThisProcess();
            List<String> line = new ArrayList<>(List.of(setsid));
            line.addAll(shell(descriptors));
            line.addAll(List.of("-c", script("launch.sh"), "holdfast", file.toString(), script("guard.sh")));
            line.addAll(lastWords.asArguments());
            line.add(descriptors.asLines());
            line.add(setsid);
            line.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
            setEnvironment(builder.environment(), environment);
            return new GuardedCommand(directory, fifo, builder.start());
        } catch (IOException e) {
            forget(directory, fifo);
            throw new ToolException(
                    ExitCode.FAILED,
                    "cannot start the guard, so the command was not run: "
                            + e.getMessage() + "; it needs setsid, mkfifo, " + SHELL + " and a writable directory "
                            + System.getProperty("java.io.tmpdir"),
                    e);
        }
    }

    /** Of the shells only one can write a descriptor of two digits; its -p keeps it from reading a file of the user's first. */
    private static List<String> shell(Descriptors descriptors) {
        return descriptors.beyondNine() && Files.isExecutable(Path.of(BASH)) ? List.of(BASH, "-p") : List.of(SHELL);
    }

    /** A place that this user may write to: root's file system may be read-only, and TMPDIR is not Java's own setting. */
    private static Path temporaryDirectory(Map<String, String> environment) throws IOException {
        IOException first = null;
        for (String place : List.of(
                System.getProperty("java.io.tmpdir", ""),
                environment.getOrDefault("TMPDIR", ""),
                environment.getOrDefault("XDG_RUNTIME_DIR", ""),
                "/dev/shm")) {
            try {
                if (!place.isEmpty()) {
                    return Files.createTempDirectory(Path.of(place), "holdfast-");
                }
            } catch (IOException | InvalidPathException cannot) {
                first = first == null ? new IOException(cannot) : first;
            }
        }
        throw first == null ? new IOException("no directory for temporary files") : first;
    }

    /**
     * What is the same stays as it is, for Java keeps bytes of it that are no text. Variables whose names a shell would drop go by
     * names that it knows, and the script makes them whole again.
     */
    private static void setEnvironment(Map<String, String> child, Map<String, String> wanted) {
        child.keySet().retainAll(wanted.keySet());
        int odd = 0;
        for (Map.Entry<String, String> variable : wanted.entrySet()) {
            String name = variable.getKey();
            if (!SHELL_NAME.matcher(name).matches()) {
                odd++;
                child.put(ODD + "_" + odd, name + "=" + variable.getValue());
                child.remove(name);
            } else if (!variable.getValue().equals(child.get(name))) {
                child.put(name, variable.getValue());
            }
        }
        if (odd > 0) {
            child.put(ODD, Integer.toString(odd));
        }
    }

    private static void makeFifo(String mkfifo, Path file) throws IOException {
        Process maker = new ProcessBuilder(mkfifo, "-m", "600", file.toString())
                .redirectErrorStream(true)
                .start();
        try (InputStream said = maker.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!maker.waitFor(10, TimeUnit.SECONDS) || maker.exitValue() != 0) {
                throw new IOException("mkfifo failed: " + text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while making a FIFO", e);
        } finally {
            maker.destroy();
        }
    }

    private static String script(String name) throws IOException {
        try (InputStream in = GuardedCommand.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in the jar");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            // The comments are for who reads the file, not for who reads ps.
            return text.lines()
                    .filter(line -> !line.stripLeading().startsWith("#"))
                    .collect(Collectors.joining("\n"));
        }
    }

    /** COMMAND's process id, which is that of its group and its session too. */
    long pid() {
        return process.pid();
    }

    /** Completes with COMMAND's exit status, 128 + n for signal n. */
    CompletableFuture<Integer> exit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Tells the guard a newer deadline. */
    void deadline(OptionalLong uptimeCentiseconds) {
        tell(deadlineLine(uptimeCentiseconds));
    }

    private static String deadlineLine(OptionalLong uptime) {
        return "deadline " + (uptime.isPresent() ? Long.toString(uptime.getAsLong()) : "none");
    }

    @Override
    public void signal(String name) {
        tell("signal " + name);
    }

    @Override
    public void terminate() {
        tell("signal TERM");
        // A stopped process gets TERM when it goes on.
        tell("signal CONT");
        SessionMembers.outsideTheGroup(pid()).stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .forEach(ProcessHandle::destroy);
    }

    /** By the guard, whose signal to the group no fork escapes; and by hand, should the guard itself have been killed. */
    @Override
    public void kill() {
        tell("kill");
        members().stream().flatMap(pid -> ProcessHandle.of(pid).stream()).forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public boolean isAnybodyLeft() {
        return !members().isEmpty();
    }

    private List<Long> members() {
        return SessionMembers.of(pid());
    }

    private void tell(String line) {
        try {
            write(fifo, line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One write a line: shorter than the kernel cuts. */
    private static void write(RandomAccessFile fifo, String line) throws IOException {
        fifo.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets the guard go. Whoever is still alive, after a failure of ours, is killed first. */
    @Override
    public void close() {
        try {
            while (process.isAlive() || isAnybodyLeft()) {
                kill();
                LockSupport.parkNanos(LOOK);
            }
            tell("end");
        } finally {
            forget(directory, fifo);
        }
    }

    /** The guard has removed FIFO and directory already, unless it never came to be. */
    private static void forget(@Nullable Path directory, @Nullable RandomAccessFile fifo) {
        try {
            if (fifo != null) {
                fifo.close();
            }
            if (directory != null) {
                Files.deleteIfExists(directory.resolve(FIFO));
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
