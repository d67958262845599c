// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.List;

/**
 * What a run says of one level.
 *
 * @param level the level
 * @param missing what keeps the run from it, one text for each lack, with the rules that it is about; empty when the level is reached
 */
public record LevelResult(Level level, List<String> missing) {
    /**
     * Copies the list.
     *
     * @param level the level
     * @param missing what keeps the run from it
     */
    public LevelResult {
        missing = List.copyOf(missing);
    }

    /**
     * Whether nothing is missing.
     *
     * @return true when the run is of this level
     */
    public boolean isReached() {
        return missing.isEmpty();
    }
}
