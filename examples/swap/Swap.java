// SPDX-License-Identifier: Apache-2.0

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Raises a number in a file, from several clients at once, under one lock. It knows no store: {@code HOLDFAST_URL} names it.
 *
 * <p>Arguments: the file, and how often each of three clients raises the number. It fails when a token does not rise.
 */
public final class Swap {
    private static final int CLIENTS = 3;

    private Swap() {}

    public static void main(String[] args) throws Exception {
        Path number = Path.of(args[0]);
        int rounds = Integer.parseInt(args[1]);
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Callable<String>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(() -> raise(number, rounds));
            }
            String store = "";
            for (Future<String> client : threads.invokeAll(clients)) {
                store = client.get();
            }
            System.out.println("swap: " + CLIENTS + " clients raised the number " + rounds + " times each in " + store);
        } finally {
            threads.shutdown();
        }
    }

    private static String raise(Path number, int rounds) throws Exception {
        try (LockClient client = LockClient.open()) {
            long last = 0;
            for (int round = 0; round < rounds; round++) {
                try (LockHandle hold = client.acquire("swap/number", Duration.ofMinutes(1))) {
                    if (hold.fencingToken() <= last) {
                        throw new AssertionError("token " + hold.fencingToken() + " after " + last);
                    }
                    last = hold.fencingToken();
                    long value = Long.parseLong(Files.readString(number).strip());
                    Thread.yield();
                    Files.writeString(number, value + 1 + "\n");
                }
            }
            return client.store();
        }
    }
}
