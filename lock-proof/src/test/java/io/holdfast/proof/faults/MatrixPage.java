// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.proof.faults.Trial.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The table of docs/FAULTS.md, between its two marks. */
final class MatrixPage {
    private static final String BEGIN = "<!-- the matrix, written by FaultMatrixTest -->\n";
    private static final String END = "<!-- the end of the matrix -->";
    private static final String NOT_APPLICABLE = "n/a";

    private MatrixPage() {}

    /** The page with the outcomes of a run. */
    static String with(String page, BiFunction<MatrixStore, MatrixFault, Outcome> outcomes) {
        String table = table((store, fault) -> seconds(outcomes.apply(store, fault)));
        return page.substring(0, page.indexOf(BEGIN)) + BEGIN + table + page.substring(page.indexOf(END));
    }

    private static String seconds(Outcome outcome) {
        return String.format(Locale.ROOT, "%.1f s", outcome.pause().toNanos() / 1e9);
    }

    private static String table(BiFunction<MatrixStore, MatrixFault, String> cells) {
        String head = "| row | fault | "
                + Arrays.stream(MatrixStore.values()).map(MatrixStore::title).collect(Collectors.joining(" | "))
                + " |\n| --- | --- |" + " --- |".repeat(MatrixStore.values().length) + "\n";
        return Arrays.stream(MatrixFault.values())
                .map(fault -> "| " + fault.row() + " | " + fault.title() + " | " + row(fault, cells) + " |\n")
                .collect(Collectors.joining("", head, ""));
    }

    private static String row(MatrixFault fault, BiFunction<MatrixStore, MatrixFault, String> cells) {
        return Arrays.stream(MatrixStore.values())
                .map(store -> fault.appliesTo(store) ? cells.apply(store, fault) : NOT_APPLICABLE)
                .collect(Collectors.joining(" | "));
    }

    /** A page's table without its times. */
    static List<String> shape(String page) {
        return page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END))
                .lines()
                .map(line -> line.replaceAll("\\b[0-9]+\\.[0-9] s", "time"))
                .toList();
    }

    /** The table without times as the code has it. */
    static List<String> shape() {
        return table((store, fault) -> "time").lines().toList();
    }
}
