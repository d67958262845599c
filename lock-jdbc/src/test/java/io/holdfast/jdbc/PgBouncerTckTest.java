// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** The whole kit on PostgreSQL behind PgBouncer in transaction mode, which has two connections for all clients. */
@Tag("long")
class PgBouncerTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() throws IOException {
        return new PostgresFixture(StoreKind.POSTGRESQL_15.spec(), PgBouncer::new);
    }
}
