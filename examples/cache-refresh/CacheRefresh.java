// SPDX-License-Identifier: Apache-2.0

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Many readers want a cached value that is not there, and which is dear to make: one makes it, the others wait for that one.
 *
 * <p>Who gets the lock looks again before it makes the value: while it waited, somebody else may have. Arguments: the folder of
 * the cache, how many readers. Readers of all processes begin when the file {@code go} is there.
 */
public final class CacheRefresh {
    private static final String KEY = "exchange rates";

    private final Path folder;
    private final LockClient locks;

    private CacheRefresh(Path folder, LockClient locks) {
        this.folder = folder;
        this.locks = locks;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int readers = Integer.parseInt(args[1]);
        ExecutorService threads = Executors.newFixedThreadPool(readers);
        try (LockClient locks = LockClient.open()) {
            CacheRefresh cache = new CacheRefresh(folder, locks);
            CyclicBarrier together = new CyclicBarrier(readers);
            List<Callable<String>> reads = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                reads.add(() -> {
                    together.await();
                    return cache.get();
                });
            }
            Files.createFile(folder.resolve("ready-" + ProcessHandle.current().pid()));
            while (!Files.exists(folder.resolve("go"))) {
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
            Set<String> values = new HashSet<>();
            for (Future<String> read : threads.invokeAll(reads)) {
                values.add(read.get());
            }
            if (values.size() != 1) {
                throw new AssertionError("the readers saw different values: " + values);
            }
            System.out.println("cache-refresh: " + readers + " readers got " + values);
        } finally {
            threads.shutdown();
        }
    }

    private String get() throws Exception {
        Optional<String> cached = read();
        if (cached.isPresent()) {
            return cached.get();
        }
        try (LockHandle hold = locks.acquire("cache/" + KEY, Duration.ofMinutes(1))) {
            // The one that had the lock before has most likely put it there.
            Optional<String> made = read();
            return made.isPresent() ? made.get() : refresh(hold.fencingToken());
        }
    }

    private Optional<String> read() throws Exception {
        Path value = folder.resolve("value");
        return Files.exists(value) ? Optional.of(Files.readString(value)) : Optional.empty();
    }

    private String refresh(long token) throws Exception {
        Files.writeString(
                folder.resolve("refreshes"), token + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        // What is dear about it.
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        String value = "value of hold " + token;
        Path fresh = Files.writeString(folder.resolve("value." + token), value);
        Files.move(fresh, folder.resolve("value"), StandardCopyOption.ATOMIC_MOVE);
        return value;
    }
}
