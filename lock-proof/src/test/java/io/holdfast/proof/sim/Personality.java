// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;

/** The kinds of store that are simulated, each with what makes it hard. */
enum Personality {
    /** A grant per contender, expired by a wall clock; evicts, and loses acknowledged writes when it fails over. */
    REDIS(10),
    /** A session with ticks; a follower that is cut off from its leader goes on answering reads. */
    ZOOKEEPER(16),
    /** A lease with revisions; a deposed leader answers keep-alives from memory. */
    ETCD(10),
    /** A session that is freed at up to twice its lease; a deposed leader answers renewals. */
    CONSUL(10);

    /** The unit of ZooKeeper's expiry: a lease is at least eight of them. */
    static final Duration TICK = Duration.ofSeconds(2);

    private final int leaseSeconds;

    Personality(int leaseSeconds) {
        this.leaseSeconds = leaseSeconds;
    }

    Duration lease() {
        return Duration.ofSeconds(leaseSeconds);
    }

    boolean isClassA() {
        return this != REDIS;
    }

    Capabilities capabilities() {
        Capabilities.Builder b = Capabilities.of(this == REDIS ? LeaseScope.GRANT : LeaseScope.SESSION)
                .guarantee(isClassA() ? GuaranteeClass.A : GuaranteeClass.B)
                .queues(true);
        return switch (this) {
            case REDIS -> b.renewals(3, 6).takeover(1, Duration.ofMillis(1500)).build();
            case ZOOKEEPER -> b.renewals(6, 6).takeover(1, TICK.multipliedBy(2)).build();
            case ETCD -> b.renewals(3, 3).takeover(1, Duration.ofMillis(1500)).build();
            case CONSUL -> b.renewals(3, 3).takeover(2, Duration.ofMillis(1500)).build();
        };
    }
}
