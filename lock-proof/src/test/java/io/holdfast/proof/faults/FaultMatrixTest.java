// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.proof.faults.Trial.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults times stores, each on a server of the store's own: docs/FAULTS.md. The columns run side by side, for they mostly wait, the
 * rows of a column one after another.
 *
 * <p>With the property {@code holdfast.faults=all} also the rows that take long, and the page is written anew, with what was seen.
 */
@TestInstance(Lifecycle.PER_CLASS)
class FaultMatrixTest {
    private static final boolean ALL = System.getProperty("holdfast.faults", "").equals("all");
    private static final long SEED = Long.getLong("holdfast.faults.seed", 1);

    @TempDir
    private static Path folder;

    private final ExecutorService columns = Executors.newFixedThreadPool(MatrixStore.values().length);
    private final Map<MatrixStore, Future<Map<MatrixFault, Cell>>> results = new EnumMap<>(MatrixStore.class);

    /** What became of a trial: an outcome, or what it threw. */
    private record Cell(@Nullable Outcome outcome, @Nullable Throwable thrown) {
        Outcome held() throws Exception {
            if (thrown instanceof Exception exception) {
                throw exception;
            }
            if (outcome == null) {
                throw new AssertionError(thrown);
            }
            return outcome;
        }
    }

    @BeforeAll
    void begin() {
        for (MatrixStore store : MatrixStore.values()) {
            results.put(store, columns.submit(() -> column(store)));
        }
    }

    @AfterAll
    void end() {
        columns.shutdownNow();
    }

    static List<MatrixFault> rows(MatrixStore store) {
        return Arrays.stream(MatrixFault.values())
                .filter(fault -> fault.appliesTo(store) && (ALL || fault.always()))
                .toList();
    }

    private Map<MatrixFault, Cell> column(MatrixStore store) throws Exception {
        Map<MatrixFault, Cell> cells = new EnumMap<>(MatrixFault.class);
        Path place = Files.createDirectories(folder.resolve(store.title()));
        try (Ground ground = new Ground(store, place)) {
            for (MatrixFault fault : rows(store)) {
                try (Trial trial = new Trial(ground, fault, SEED, Party::start)) {
                    cells.put(fault, new Cell(trial.run(), null));
                } catch (Exception | AssertionError e) {
                    cells.put(fault, new Cell(null, e));
                }
            }
        }
        return cells;
    }

    @TestFactory
    Stream<DynamicTest> everyCellHolds() {
        List<DynamicTest> tests = new ArrayList<>();
        for (MatrixStore store : MatrixStore.values()) {
            for (MatrixFault fault : rows(store)) {
                tests.add(DynamicTest.dynamicTest(
                        "row " + fault.row() + " on " + store.title() + ": " + fault.title(),
                        () -> assertThat(outcome(store, fault).turns()).isGreaterThan(4)));
            }
        }
        return tests.stream();
    }

    private Outcome outcome(MatrixStore store, MatrixFault fault) throws Exception {
        try {
            return results.get(store).get().get(fault).held();
        } catch (ExecutionException e) { // the server that is not there, say
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The page has these rows and columns, and no others; with the property it gets what was seen. */
    @Test
    void thePageIsTheMatrix() throws Exception {
        Path file = Path.of("..", "docs", "FAULTS.md");
        String page = Files.readString(file);
        if (ALL) {
            page = MatrixPage.with(page, (store, fault) -> {
                try {
                    return outcome(store, fault);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            Files.writeString(file, page);
        }
        assertThat(MatrixPage.shape(page)).isEqualTo(MatrixPage.shape());
    }
}
