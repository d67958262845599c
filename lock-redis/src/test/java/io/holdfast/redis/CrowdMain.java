// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfig;
import io.holdfast.lab.process.Crowd;
import java.time.Duration;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** A process of a {@link Crowd} on one Redisson client. */
final class CrowdMain {
    static final Duration LEASE = Duration.ofMinutes(1);

    private CrowdMain() {}

    public static void main(String[] args) throws Exception {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + args[0]);
        RedissonClient redisson = Redisson.create(config);
        try {
            Crowd.contend(RedisBackend.using(redisson), LockConfig.load().withLease(LEASE), Integer.parseInt(args[1]));
        } finally {
            redisson.shutdown();
        }
    }
}
