// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;

/** The whole kit on this backend: its tests are inherited, and a table of the rules is printed after the last one. */
class SheetLockTest extends LockTck {
    /** Called once a run, which ends by closing the fixture. */
    @Override
    protected LockBackendFixture fixture() throws IOException {
        return new SheetFixture();
    }
}
