// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast tck}, the whole kit from the packaged jars, as README and docs/tck.md advertise it. */
class TckIT {
    /** It takes about one. */
    private static final int MINUTES = 6;

    @TempDir
    private Path directory;

    @Test
    void theKitIsGreenOnASoundStoreAndHearsWhatIsLogged() throws Exception {
        Path page = directory.resolve("report.html");
        try (ToolProcess tool = ToolProcess.start(
                directory, "tck", "--url", "memory:x", "--level", "bronze", "--html", page.toString())) {
            assertThat(tool.process().waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();

            assertThat(tool.process().exitValue()).as(tool.out()).isZero();
            assertThat(tool.out()).contains(" PARTLY, 0 FAIL, ").contains("level BRONZE, by a fixture of the kit's");
            assertThat(page)
                    .content()
                    .contains("Level <span class=\"badge BRONZE\">BRONZE</span>", "lock-tck-", "SHA-256");
            // Among the reasons for what was not tested there is none that the tool itself is to blame for.
            assertThat(tool.out() + tool.err()).doesNotContain("hear what is logged");
        }
    }
}
