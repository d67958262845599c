// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failed runs do not fill the folder for temporary files. */
class KeptHistoriesTest {
    @TempDir
    private Path place;

    @Test
    void onlyTheLastHistoriesStay() throws Exception {
        List<Path> histories = new ArrayList<>();
        for (int i = 0; i < KeptHistories.MOST + 3; i++) {
            Path history = Files.createDirectory(place.resolve("history-" + i));
            Files.writeString(history.resolve("journal"), "what was seen\n");
            Files.setLastModifiedTime(history, FileTime.fromMillis(1_000L * i));
            histories.add(history);
        }
        Path other = Files.writeString(place.resolve("notes"), "somebody's\n");

        KeptHistories.forgetOld(place);

        try (Stream<Path> left = Files.list(place)) {
            List<Path> expected = new ArrayList<>(histories.subList(3, histories.size()));
            expected.add(other);
            assertThat(left).containsExactlyInAnyOrderElementsOf(expected);
        }
    }
}
