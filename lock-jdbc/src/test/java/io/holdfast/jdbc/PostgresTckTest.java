// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;

/** The whole kit on PostgreSQL. */
class PostgresTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() throws IOException {
        return new PostgresFixture(StoreKind.POSTGRESQL_15.spec());
    }
}
