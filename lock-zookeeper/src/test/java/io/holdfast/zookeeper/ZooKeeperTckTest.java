// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on one server. */
class ZooKeeperTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ZooKeeperFixture(StoreKind.ZOOKEEPER_3_9.spec());
    }
}
