// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Programs of this machine: those that {@code servers/install.sh} has unpacked, else those on the PATH. */
final class ProgramHost implements ServerHost {
    private final Path prefix;
    private final String searchPath;

    ProgramHost(Path prefix, String searchPath) {
        this.prefix = prefix;
        this.searchPath = searchPath;
    }

    @Override
    public String name() {
        return "programs";
    }

    @Override
    public String listenAddress() {
        return "127.0.0.1";
    }

    @Override
    public boolean keepsPorts() {
        return true;
    }

    /** What is missing for one kind may be there for another: {@link #open} says. */
    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public Room open(Plan plan) {
        Path program = find(plan.kind());
        Path shim = prefix.resolve("lib/clockshim.so");
        if (plan.movableClock() && !Files.isReadable(shim)) {
            throw new ServerUnavailableException(
                    "a movable clock needs " + shim + ", which servers/install.sh compiles where gcc is");
        }
        return new Programs(program, plan.movableClock() ? Map.of("LD_PRELOAD", shim.toString()) : Map.of());
    }

    /** The directory of the installed programs first: on the PATH there may be another release under the same name. */
    private Path find(StoreKind kind) {
        return installed(kind)
                .or(() -> onPath(kind))
                .orElseThrow(() -> new ServerUnavailableException("no program for " + kind + ": "
                        + String.join(" or ", kind.programs()) + " is neither in " + prefix.resolve("bin")
                        + " nor on the PATH; servers/install.sh puts it there (as root on Debian)"));
    }

    private Optional<Path> installed(StoreKind kind) {
        return executables(Stream.of(prefix.resolve("bin")), kind.programs().subList(0, 1));
    }

    private Optional<Path> onPath(StoreKind kind) {
        return executables(
                Stream.of(searchPath.split(File.pathSeparator))
                        .filter(part -> !part.isEmpty())
                        .map(Path::of),
                kind.programs());
    }

    private static Optional<Path> executables(Stream<Path> directories, List<String> names) {
        return directories
                .flatMap(directory -> names.stream().map(directory::resolve))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static final class Programs implements Room {
        private final Path program;
        private final Map<String, String> preload;
        private final List<Program> placed = new ArrayList<>();

        Programs(Path program, Map<String, String> preload) {
            this.program = program;
            this.preload = preload;
        }

        @Override
        public ServerProcess place(Path directory, Map<String, String> environment) {
            Program node = new Program(program, directory);
            node.builder.environment().putAll(environment);
            // Servers in Java run on the JDK that the tests run on.
            node.builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            node.builder.environment().putAll(preload);
            placed.add(node);
            return node;
        }

        @Override
        public void close() {
            placed.forEach(Program::end);
        }
    }

    private static final class Program implements ServerProcess {
        private final Path program;
        private final Path directory;
        private final Path log;
        private final ProcessBuilder builder;
        private final List<ProcessHandle> ending = new ArrayList<>();
        private @Nullable Process process;

        Program(Path program, Path directory) {
            this.program = program;
            this.directory = directory;
            this.log = directory.resolve("log");
            builder = new ProcessBuilder()
                    .directory(directory.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        }

        @Override
        public void start(List<String> arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(program.toString()));
            command.addAll(arguments);
            process = builder.command(command).start();
            Reaper.watch(process.pid());
        }

        @Override
        public boolean isRunning() {
            return process != null && process.isAlive();
        }

        @Override
        public void signal(String name) {
            if (process == null || !process.isAlive()) {
                throw new IllegalStateException("the server in " + directory + " does not run");
            }
            // A server may be several processes, each of which serves. One that is told to end tells the others.
            List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
            if (name.equals("KILL") || name.equals("STOP") || name.equals("CONT")) {
                process.descendants().forEach(all::add);
            }
            if (name.equals("KILL")) {
                all.forEach(ProcessHandle::destroyForcibly); // the first one first: it would replace the others
                ending.addAll(all);
                return;
            }
            // By the shell's own kill: not every machine has a program of
            // that name. One that has ended meanwhile is none to stop.
            String command = "kill -s " + name + " " + process.pid()
                    + all.stream()
                            .skip(1)
                            .map(child -> "; kill -s " + name + " " + child + " 2>/dev/null")
                            .collect(Collectors.joining())
                    + "; kill -s 0 " + process.pid();
            try {
                Process kill = new ProcessBuilder("sh", "-c", command).start();
                if (kill.waitFor() != 0) {
                    throw new IllegalStateException(
                            command + ": " + new String(kill.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
                }
                if (name.equals("STOP")) {
                    for (ProcessHandle one : all) {
                        StoppedThreads.await(one.pid());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(command, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in " + command, e);
            }
        }

        @Override
        public void awaitEnd() {
            try {
                if (process != null && !process.waitFor(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the server in " + directory + " does not end:\n" + log());
                }
                for (ProcessHandle one : ending) { // what is left of it would be in the way of the next
                    one.onExit().get(30, TimeUnit.SECONDS);
                }
                ending.clear();
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("a process of the server in " + directory + " does not end", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted before the server in " + directory + " ended", e);
            }
        }

        @Override
        public String log() {
            try {
                return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
            } catch (IOException e) {
                throw new UncheckedIOException("no log in " + directory, e);
            }
        }

        void end() {
            if (process != null) {
                List<ProcessHandle> workers = process.descendants().toList();
                process.destroyForcibly();
                workers.forEach(ProcessHandle::destroyForcibly);
                process.onExit().join();
            }
        }
    }
}
