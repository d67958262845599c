// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.internal.witness.Event.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    private Path folder;

    @Test
    void theBeginningOfALineIsLeftForTheNextLook() throws Exception {
        Path file = folder.resolve("journal");
        Event first = new Event(1, "w", Kind.ASKED, 1, 0, 0);
        Event second = new Event(2, "w", Kind.HELD, 1, 17, 1);
        try (Journal journal = new Journal(file)) {
            assertThat(Journal.read(file)).isEmpty();
            journal.write(first);
            String line = second.line();
            for (int i = 1; i < line.length(); i++) {
                Path partly = Files.writeString(folder.resolve("partly-" + i), first.line() + line.substring(0, i));
                assertThat(Journal.read(partly)).as("after %s characters", i).containsExactly(first);
            }
            Files.writeString(file, line, StandardOpenOption.APPEND);
            assertThat(Journal.read(file)).isEqualTo(List.of(first, second));
        }
    }
}
