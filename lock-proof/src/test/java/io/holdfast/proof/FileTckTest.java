// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;

/** The locks of one host pass the kit. */
class FileTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() throws IOException {
        return new FileFixture();
    }
}
