// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit on Valkey 8. */
@Tag("long")
class Valkey8TckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new RedisFixture(StoreKind.VALKEY_8.spec()) {
            @Override
            public String url() {
                return super.url().replaceFirst("^redis:", "valkey:");
            }
        };
    }
}
