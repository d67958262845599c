// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on H2. */
class H2TckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() throws InterruptedException {
        return new H2Fixture();
    }
}
