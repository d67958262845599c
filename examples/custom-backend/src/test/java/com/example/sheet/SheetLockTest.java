// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The whole kit on this backend. */
class SheetLockTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() throws IOException {
        Path file = Files.createTempDirectory(Path.of("target"), "kit").toAbsolutePath().resolve("sheet");
        return () -> "sheet:" + file;
    }
}
