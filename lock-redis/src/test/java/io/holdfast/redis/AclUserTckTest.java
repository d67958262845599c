// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit as the user with the fewest rights, those of {@code docs/backends/redis.md}. */
@Tag("long")
class AclUserTckTest extends LockTck {
    /** What the documentation says, for the prefix {@code holdfast}; {@code SELECT} is for databases other than 0. */
    static final String RIGHTS =
            "resetkeys resetchannels -@all ~holdfast:{* &holdfast:wake:* +eval +evalsha +ping +subscribe"
                    + " +unsubscribe +publish +time +hget +hmget +hset +hdel +hexists +zadd +zrem +zrange +zrank +zscore +zcard"
                    + " +zremrangebyscore +exists +pttl +pexpire";

    /** To list names; it shows the names of all other keys of the database, too. */
    static final String LISTING = " +scan";

    @Override
    protected LockBackendFixture fixture() {
        return new RedisFixture(
                StoreKind.REDIS_7
                        .spec()
                        .line("user locker on >locker-pw "
                                + RIGHTS.replace("holdfast:", "holdfast:kit-acl:")
                                + " ~holdfast:kit-neighbour:{* &holdfast:kit-neighbour:wake:*" + LISTING),
                "holdfast:kit-acl") {
            @Override
            public String url() {
                return "redis://locker:locker-pw@" + endpoint() + "/0?prefix=" + prefix;
            }

            @Override
            public LockConfig config() {
                return LockConfig.of(url());
            }

            @Override
            public String neighbourPrefix() {
                return "holdfast:kit-neighbour";
            }
        };
    }
}
