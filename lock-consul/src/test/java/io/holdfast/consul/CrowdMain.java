// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockConfig;
import io.holdfast.lab.process.Crowd;
import java.util.List;
import java.util.Optional;

/** A process of a {@link Crowd} on one backend, and so on one pool of connections. */
final class CrowdMain {
    private CrowdMain() {}

    public static void main(String[] args) throws Exception {
        OwnTransport transport = new OwnTransport(
                List.of("http://" + args[0]),
                Optional::empty,
                InterruptibleSockets.kinds(null, true),
                ConsulSettings.DEFAULTS);
        ConsulLine line = new ConsulLine(transport, ConsulSettings.DEFAULTS, "consul", List.of());
        try (ConsulBackend backend = new ConsulBackend(line)) {
            Crowd.contend(backend, LockConfig.of("consul://" + args[0]), Integer.parseInt(args[1]));
        }
    }
}
