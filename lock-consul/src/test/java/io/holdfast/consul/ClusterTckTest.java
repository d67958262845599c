// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit on three servers, of which clients ask one. */
@Tag("long")
class ClusterTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ConsulFixture(ConsulFixture.usual().nodes(3));
    }
}
