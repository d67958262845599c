// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process that runs out of file descriptors: {@code URL}. The lock {@code taken} is another's, {@code own} its own all the time; it
 * tries the former and locks that are free with no descriptor left, with one, two and so on, and tells what came of it.
 */
public final class DescriptorsMain {
    private static final int MOST = 40;

    private DescriptorsMain() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        load(LockClient.class);
        load(DescriptorsMain.class);
        load(Class.forName("io.holdfast.local.FileBackend"));
        try (LockClient client = LockClient.open(LockConfig.of(arguments[0]))) {
            LockHandle own = client.acquire("own");
            tried(client, "taken");
            tried(client, "warm");
            Deque<InputStream> hog = new ArrayDeque<>();
            int busy = 0;
            int failed = 0;
            limit();
            fill(hog);
            for (int left = 0; left < MOST; left++) {
                String of = tried(client, "taken");
                if (of.equals("held")) {
                    System.out.println("broken: with " + left + " descriptors a lock was had that another holds");
                    return;
                }
                busy += of.equals("busy") ? 1 : 0;
                failed += of.equals("failed") ? 1 : 0;
                if (tried(client, "free-" + left).equals("busy")) {
                    System.out.println("broken: with " + left + " descriptors a lock was busy that is free");
                    return;
                }
                if (!hog.isEmpty()) {
                    hog.pop().close();
                }
            }
            while (!hog.isEmpty()) {
                hog.pop().close();
            }
            for (int left = 0; left < MOST; left++) {
                client.acquire("free-" + left, Duration.ofSeconds(20)).release();
            }
            System.out.println("tried " + busy + " " + failed + " " + own.isValid());
            System.in.read();
            own.release();
        }
    }

    /** What comes of a try, and gives it back. */
    private static String tried(LockClient client, String name) {
        try {
            Optional<LockHandle> hold = client.tryAcquire(name);
            hold.ifPresent(LockHandle::release);
            return hold.isPresent() ? "held" : "busy";
        } catch (LockException e) {
            return "failed";
        }
    }

    /** Some more than there are open now. */
    private static void limit() throws IOException, InterruptedException {
        String[] open = new File("/proc/self/fd").list();
        int most = (open == null ? 0 : open.length) + MOST;
        String pid = Long.toString(ProcessHandle.current().pid());
        if (new ProcessBuilder("prlimit", "--pid", pid, "--nofile=" + most + ":" + most)
                        .inheritIO()
                        .start()
                        .waitFor()
                != 0) {
            throw new IOException("prlimit failed");
        }
    }

    private static void fill(Deque<InputStream> hog) {
        while (true) {
            try {
                hog.push(new FileInputStream("/dev/null"));
            } catch (IOException full) {
                return;
            }
        }
    }

    /** Every class of a folder: one that is loaded for the first time when there is no descriptor would be missing for good. */
    private static void load(Class<?> one) throws Exception {
        Path folder =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(folder)) {
            return; // an archive stays open
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.map(file -> folder.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && name.startsWith("io/") && !name.contains("info"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .forEach(DescriptorsMain::load);
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException(new IOException(e));
        } catch (LinkageError elsewhere) {
            // of a test whose own libraries are not here
        }
    }
}
