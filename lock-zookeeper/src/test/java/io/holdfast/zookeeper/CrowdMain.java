// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfig;
import io.holdfast.lab.process.Crowd;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;

/** A process with many clients on one Curator client. Arguments: the server, and how many. */
final class CrowdMain {
    /** So long that no renewal is counted beside what is looked at. */
    static final Duration LEASE = Duration.ofMinutes(30);

    private CrowdMain() {}

    public static void main(String[] args) throws Exception {
        try (CuratorFramework curator = CuratorFrameworkFactory.builder()
                .connectString(args[0])
                .sessionTimeoutMs(Math.toIntExact(LEASE.toMillis()))
                .retryPolicy(new RetryOneTime(1))
                .ensembleTracker(false) // which has a watch of its own
                .build()) {
            curator.start();
            Crowd.contend(
                    ZooKeeperBackend.using(curator), LockConfig.load().withLease(LEASE), Integer.parseInt(args[1]));
        }
    }
}
