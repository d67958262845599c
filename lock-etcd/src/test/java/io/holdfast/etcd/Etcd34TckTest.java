// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on etcd 3.4. */
class Etcd34TckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new EtcdFixture(StoreKind.ETCD_3_4.spec());
    }
}
