// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on MariaDB. */
class MariadbTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new MariadbFixture();
    }
}
