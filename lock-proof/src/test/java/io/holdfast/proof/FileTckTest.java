// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The store of one host passes the kit, its tests with processes of their own included. */
class FileTckTest extends LockTck {
    @TempDir
    static Path directory;

    @Override
    protected LockBackendFixture fixture() {
        return new FileFixture(directory);
    }
}
