// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit on Redis 8. */
@Tag("long")
class Redis8TckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new RedisFixture(StoreKind.REDIS_8.spec());
    }
}
