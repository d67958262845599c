// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit on three members of etcd 3.4. */
@Tag("long")
class Etcd34ClusterTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new EtcdFixture(StoreKind.ETCD_3_4.spec().nodes(3));
    }
}
