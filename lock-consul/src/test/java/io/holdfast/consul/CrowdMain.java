// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A process with many clients on one backend, and so on one pool of connections, each of which takes the same lock once.
 *
 * <p>Arguments: the server, and how many. For each hold a line goes to standard output: its token, and from when to when it was
 * held by the machine's monotonic clock. The process ends with its input.
 */
final class CrowdMain {
    static final String NAME = "crowded";

    private CrowdMain() {}

    @SuppressWarnings("SystemOut") // the protocol between the test and its processes
    public static void main(String[] args) throws Exception {
        LockConfig config = LockConfig.of("consul://" + args[0]);
        List<LockClient> clients = new ArrayList<>();
        OwnTransport transport =
                new OwnTransport(List.of("http://" + args[0]), null, null, true, ConsulSettings.DEFAULTS);
        try (ConsulBackend backend = new ConsulBackend(transport, ConsulSettings.DEFAULTS, "consul")) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                LockClient client = LockClient.open(backend, config);
                clients.add(client);
                all.add(client.acquireAsync(NAME)
                        .thenAccept(hold -> {
                            long from = System.nanoTime();
                            String held = hold.fencingToken() + " " + from + " " + System.nanoTime();
                            hold.release();
                            System.out.println(held);
                        })
                        .toCompletableFuture());
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
            while (System.in.read() >= 0) {
                // Until the test has seen all that is there to be seen.
            }
            clients.forEach(LockClient::close);
        }
    }
}
