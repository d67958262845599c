// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link Worker} in a virtual machine of its own, as an application's is: nothing but its heap is set. */
final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    private WorkerProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static WorkerProcess start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms512m",
                "-Xmx512m",
                "-Dslf4j.internal.verbosity=ERROR",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName()));
        command.addAll(arguments);
        return new WorkerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    void awaitReady() throws IOException {
        await("ready");
    }

    void go() {
        new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8).println("go");
    }

    Result result() throws IOException {
        return Result.read(await("result"));
    }

    /** What else is said on the way is the libraries' own. */
    private String await(String expected) throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(expected)) {
                return line;
            }
        }
        throw new IOException(
                "process " + process.pid() + " ended without '" + expected + "'; its errors are on standard error");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
