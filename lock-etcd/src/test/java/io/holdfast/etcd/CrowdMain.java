// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.holdfast.LockConfig;
import io.holdfast.lab.process.Crowd;
import java.time.Duration;

/** A process of a {@link Crowd} on one jetcd client. */
final class CrowdMain {
    /** So long that no renewal is counted beside what is looked at. */
    static final Duration LEASE = Duration.ofHours(1);

    private CrowdMain() {}

    public static void main(String[] args) throws Exception {
        try (Client jetcd = Client.builder()
                .endpoints("http://" + args[0])
                .keepaliveWithoutCalls(false)
                .build()) {
            Crowd.contend(EtcdBackend.using(jetcd), LockConfig.load().withLease(LEASE), Integer.parseInt(args[1]));
        }
    }
}
