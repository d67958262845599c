// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/** How far apart two words are, by typing errors: for the advice "did you mean" about a value that a store does not know. */
public final class Spelling {
    private Spelling() {}

    /**
     * The fewest insertions, deletions and replacements of a character, and exchanges of two neighbours, the commonest typing error,
     * that make one of the other.
     *
     * @param from a word; capital letters differ from small ones
     * @param to another
     * @return zero when they are equal, at most the length of the longer one
     */
    public static int distance(String from, String to) {
        int[][] rows = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : step(rows, from, to, i, j);
            }
        }
        return rows[from.length()][to.length()];
    }

    private static int step(int[][] rows, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int fewest = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
        boolean exchanged =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return exchanged ? Math.min(fewest, rows[i - 2][j - 2] + 1) : fewest;
    }
}
