// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit on an ensemble of three, each server behind a proxy of its own. */
@Tag("long")
class EnsembleTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ZooKeeperFixture(StoreKind.ZOOKEEPER_3_9.spec().nodes(3), 500);
    }
}
