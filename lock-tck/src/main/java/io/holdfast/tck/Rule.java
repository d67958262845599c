// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/**
 * One rule of docs/SPEC.md.
 *
 * @param id such as {@code ME-1}
 * @param title two or three words
 * @param demand what MUST hold
 * @param tested by what kind of test it is shown
 * @param check what to look at first when it fails
 */
public record Rule(String id, String title, String demand, String tested, String check) {
    /**
     * Checks nothing.
     *
     * @param id such as {@code ME-1}
     * @param title two or three words
     * @param demand what MUST hold
     * @param tested by what kind of test it is shown
     * @param check what to look at first when it fails
     */
    public Rule {}

    @Override
    public String toString() {
        return id + " " + title;
    }
}
