// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLabelTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("hostname"), text);
    }

    @Test
    void takesTheFirstThatSays() throws IOException {
        assertThat(HostLabel.host("web-1", file("web-2\n"))).isEqualTo("web-1");
        assertThat(HostLabel.host("", file("web-2\nmore"))).isEqualTo("web-2");
        assertThat(HostLabel.host(" ", file(" web-3 \n"))).isEqualTo("web-3");
        assertThat(HostLabel.host("", folder.resolve("missing"))).isNotBlank();
        assertThat(HostLabel.host("", file(""))).isNotBlank();
        assertThat(HostLabel.host("", folder)).isNotBlank();
    }

    @Test
    void isShortAndPlain() throws IOException {
        assertThat(HostLabel.host("x".repeat(500), file(""))).hasSize(180);
        assertThat(HostLabel.host("a\u001b[1mb", file(""))).isEqualTo("a\\u001b[1mb");
        assertThat(HostLabel.get())
                .isEqualTo(HostLabel.get())
                .endsWith("/" + ProcessHandle.current().pid())
                .hasSizeLessThanOrEqualTo(200);
    }
}
