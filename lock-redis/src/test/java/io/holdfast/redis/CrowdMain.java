// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * A process with many clients on one Redisson client, each of which takes the same lock once and releases it at once.
 *
 * <p>Arguments: the server, and how many. For each hold its token goes to standard output; the process ends with its input.
 */
final class CrowdMain {
    static final String NAME = "crowded";
    static final Duration LEASE = Duration.ofMinutes(1);

    private CrowdMain() {}

    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    public static void main(String[] args) throws Exception {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + args[0]);
        RedissonClient redisson = Redisson.create(config);
        List<LockClient> clients = new ArrayList<>();
        try {
            RedisBackend backend = RedisBackend.using(redisson);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                LockClient client = LockClient.open(backend, LockConfig.load().withLease(LEASE));
                clients.add(client);
                all.add(client.acquireAsync(NAME)
                        .thenAccept(hold -> {
                            long token = hold.fencingToken();
                            hold.release();
                            System.out.println(token);
                        })
                        .toCompletableFuture());
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
            while (System.in.read() >= 0) {
                // Until the test has seen all that is there to be seen.
            }
        } finally {
            clients.forEach(LockClient::close);
            redisson.shutdown();
        }
    }
}
