// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on Redis 7. */
class Redis7TckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new RedisFixture(StoreKind.REDIS_7.spec());
    }
}
