// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a history that shows a rule broken outlives its test: beside the report, if a folder for that was named, and there all of them;
 * else among the user's temporary files, and there only the last few.
 */
final class KeptHistories {
    /** So many stay where nobody has asked for them. */
    static final int MOST = 10;

    private static final String HISTORY = "history-";
    private static final String JOURNAL = "journal";

    private KeptHistories() {}

    static Path keep(Path journal) throws IOException {
        String reports = System.getProperty(ReportFolder.PROPERTY);
        if (reports != null) {
            return copy(journal, Path.of(reports));
        }
        // The user's own: in a place for all, another user's folder could not be written to.
        Path place = Path.of(System.getProperty("java.io.tmpdir"), "holdfast-tck-" + System.getProperty("user.name"));
        Path kept = copy(journal, place);
        forgetOld(place);
        return kept;
    }

    private static Path copy(Path journal, Path place) throws IOException {
        Files.createDirectories(place);
        return Files.copy(journal, Files.createTempDirectory(place, HISTORY).resolve(JOURNAL));
    }

    /** Removes all but the last; what another run removes meanwhile is gone, too. */
    static void forgetOld(Path place) throws IOException {
        List<Path> kept;
        try (Stream<Path> all = Files.list(place)) {
            kept = all.filter(path -> path.getFileName().toString().startsWith(HISTORY))
                    .sorted(Comparator.comparingLong(KeptHistories::keptAt).reversed())
                    .toList();
        }
        for (Path old : kept.subList(Math.min(MOST, kept.size()), kept.size())) {
            Files.deleteIfExists(old.resolve(JOURNAL));
            Files.deleteIfExists(old);
        }
    }

    /** The time of its last change, which is when it was kept; one that is gone is the oldest. */
    private static long keptAt(Path history) {
        try {
            return Files.getLastModifiedTime(history).toMillis();
        } catch (IOException gone) {
            return Long.MIN_VALUE;
        }
    }
}
