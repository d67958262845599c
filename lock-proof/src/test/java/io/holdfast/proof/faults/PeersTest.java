// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.holdfast.proof.faults.Trial.Observation;
import io.holdfast.tck.internal.witness.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same faults, done to the locks of other libraries: docs/PEERS.md, which the property {@code holdfast.peers} has written anew. */
class PeersTest {
    private static final String BEGIN = "<!-- the table, written by PeersTest -->\n";
    private static final String END = "<!-- the end of the table -->";
    private static final Path PAGE = Path.of("..", "docs", "PEERS.md");
    private static final Pattern OVERLAP = Pattern.compile("they overlap by (PT[0-9.HMS]+)");
    private static final long SEED = Long.getLong("holdfast.faults.seed", 1);

    @TempDir
    private Path folder;

    private static List<MatrixFault> rows() {
        return Arrays.stream(MatrixFault.values()).filter(MatrixFault::always).toList();
    }

    @Test
    void thePageHasARowForEachFault() throws Exception {
        String page = Files.readString(PAGE);
        String table = page.substring(page.indexOf(BEGIN), page.indexOf(END));
        rows().forEach(fault -> assertThat(table).contains("| " + fault.row() + " | " + fault.title() + " |"));
        Arrays.stream(Peers.values()).forEach(peer -> assertThat(table).contains(peer.title()));
    }

    @Test
    void writesThePage() throws Exception {
        assumeThat(System.getProperty("holdfast.peers"))
                .as("minutes of other libraries: -Dholdfast.peers=all")
                .isNotNull();
        Map<Peers, Map<MatrixFault, String>> seen = new EnumMap<>(Peers.class);
        ExecutorService columns = Executors.newFixedThreadPool(Peers.values().length);
        try {
            Map<Peers, Future<Map<MatrixFault, String>>> running = new EnumMap<>(Peers.class);
            for (Peers peer : Peers.values()) {
                running.put(peer, columns.submit(() -> column(peer)));
            }
            for (Peers peer : Peers.values()) {
                seen.put(peer, running.get(peer).get());
            }
        } finally {
            columns.shutdownNow();
        }
        String page = Files.readString(PAGE);
        Files.writeString(
                PAGE, page.substring(0, page.indexOf(BEGIN)) + BEGIN + table(seen) + page.substring(page.indexOf(END)));
    }

    private Map<MatrixFault, String> column(Peers peer) throws Exception {
        Map<MatrixFault, String> cells = new EnumMap<>(MatrixFault.class);
        Path place = Files.createDirectories(folder.resolve(peer.name()));
        for (MatrixFault fault : rows()) {
            // A server of its own for each: what one trial leaves behind is not to fail the next.
            Path own = Files.createDirectories(place.resolve(fault.name()));
            try (Ground ground = new Ground(peer.store(), own);
                    Trial trial = new Trial(ground, fault, SEED, (where, id) -> Party.start(where, id, peer))) {
                cells.put(fault, words(trial.observe()));
            }
        }
        return cells;
    }

    private static String words(Observation observation) {
        List<String> words = new ArrayList<>();
        observation.findings().stream()
                .map(finding -> OVERLAP.matcher(finding.seen()))
                .filter(Matcher::find)
                .map(overlap -> Duration.parse(overlap.group(1)))
                .max(Comparator.naturalOrder())
                .ifPresent(longest -> words.add("**two holders** for " + seconds(longest)));
        long lost = observation.findings().stream()
                .map(Finding::seen)
                .filter(seen -> seen.contains("an update is lost"))
                .count();
        if (lost > 0) {
            words.add("**" + lost + (lost == 1 ? " update" : " updates") + " lost**");
        }
        if (observation.stuck()) {
            words.add("**stuck**");
        }
        return words.isEmpty() ? seconds(observation.pause()) : String.join(", ", words);
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toNanos() / 1e9);
    }

    private static String table(Map<Peers, Map<MatrixFault, String>> seen) {
        String head = "| row | fault | "
                + seen.keySet().stream().map(Peers::title).collect(Collectors.joining(" | "))
                + " |\n| --- | --- |" + " --- |".repeat(seen.size()) + "\n";
        return rows().stream()
                .map(fault -> "| " + fault.row() + " | " + fault.title() + " | "
                        + seen.values().stream().map(cells -> cells.get(fault)).collect(Collectors.joining(" | "))
                        + " |\n")
                .collect(Collectors.joining("", head, ""));
    }
}
