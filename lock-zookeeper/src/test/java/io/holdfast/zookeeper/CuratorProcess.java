// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.tck.process.JavaProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;

/** Curator's own {@code InterProcessMutex} in another JVM, which does what it reads: {@code acquire}, {@code release}. */
final class CuratorProcess implements AutoCloseable {
    private final JavaProcess process;

    CuratorProcess(String servers, String path) throws InterruptedException {
        process = JavaProcess.start(CuratorProcess.class, Duration.ofMinutes(1), List.of(servers, path));
        process.answer("ready");
    }

    /** Begins to acquire; {@link #held} tells when it has. */
    void acquire() {
        process.send("acquire");
    }

    void held() throws InterruptedException {
        process.answer("held");
    }

    void release() throws InterruptedException {
        process.ask("release", "released");
    }

    /** Whether it has said anything. */
    boolean hasAnswered() {
        return process.hasAnswered();
    }

    @Override
    public void close() {
        process.close();
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
