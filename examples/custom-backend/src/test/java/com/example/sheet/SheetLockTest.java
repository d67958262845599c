// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The whole kit on this backend: its tests are inherited, and a table of the rules is printed after the last one. */
class SheetLockTest extends LockTck {
    /** Called once a run, which ends by closing the fixture. A new file each time: a run that was killed leaves rows behind. */
    @Override
    protected LockBackendFixture fixture() throws IOException {
        Path folder = Files.createTempDirectory(Path.of("target"), "kit").toAbsolutePath();
        return new SheetFixture(folder.resolve("sheet"));
    }
}
