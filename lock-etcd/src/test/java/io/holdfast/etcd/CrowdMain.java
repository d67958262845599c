// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A process with many clients on one jetcd client, each of which takes the same lock once and releases it at once.
 *
 * <p>Arguments: the server, and how many. For each hold its token goes to standard output; the process ends with its input.
 */
final class CrowdMain {
    static final String NAME = "crowded";

    /** So long that no renewal is counted beside what is looked at. */
    static final Duration LEASE = Duration.ofHours(1);

    private CrowdMain() {}

    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    public static void main(String[] args) throws Exception {
        Client jetcd = Client.builder()
                .endpoints("http://" + args[0])
                .keepaliveWithoutCalls(false)
                .build();
        List<LockClient> clients = new ArrayList<>();
        try {
            EtcdBackend backend = EtcdBackend.using(jetcd);
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
            jetcd.close();
        }
    }
}
