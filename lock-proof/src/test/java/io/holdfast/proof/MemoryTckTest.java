// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;

/** The reference backend passes the kit. */
class MemoryTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new MemoryFixture();
    }
}
