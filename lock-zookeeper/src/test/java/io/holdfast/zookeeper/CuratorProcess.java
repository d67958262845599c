// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;

/** Curator's own {@code InterProcessMutex} in another JVM, which does what it reads: {@code acquire}, {@code release}. */
final class CuratorProcess implements AutoCloseable {
    private final Process process;
    private final PrintStream orders;
    private final BufferedReader answers;

    CuratorProcess(String servers, String path) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        process = new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CuratorProcess.class.getName(),
                        servers,
                        path)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        expect("ready");
    }

    /** Begins to acquire; {@link #held} tells when it has. */
    void acquire() {
        orders.println("acquire");
    }

    void held() throws IOException {
        expect("held");
    }

    void release() throws IOException {
        orders.println("release");
        expect("released");
    }

    /** Whether it has said anything. */
    boolean hasAnswered() throws IOException {
        return answers.ready();
    }

    private void expect(String word) throws IOException {
        String line = answers.readLine();
        if (!word.equals(line)) {
            throw new AssertionError("the other process said '" + line + "' instead of '" + word + "'");
        }
    }

    @Override
    public void close() {
        orders.close();
        process.destroyForcibly().onExit().join();
    }

    /** The other process. */
    public static void main(String[] args) throws Exception {
        try (CuratorFramework curator = CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(100));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            curator.start();
            curator.blockUntilConnected();
            InterProcessMutex mutex = new InterProcessMutex(curator, args[1]);
            System.out.println("ready");
            for (String order = in.readLine(); order != null; order = in.readLine()) {
                if (order.equals("acquire")) {
                    mutex.acquire();
                    System.out.println("held");
                } else {
                    mutex.release();
                    System.out.println("released");
                }
            }
        }
    }
}
