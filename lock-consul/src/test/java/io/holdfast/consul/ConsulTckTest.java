// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The whole kit on one server. */
class ConsulTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ConsulFixture(ConsulFixture.usual());
    }
}
