// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/**
 * How far a run of the kit has come.
 *
 * @param done tests that have ended, skipped ones included
 * @param running tests that run now
 * @param left tests that have not begun
 */
public record TckProgress(int done, int running, int left) {
    /**
     * For people.
     *
     * @return such as {@code 40 tests done, 8 running, 109 left}
     */
    @Override
    public String toString() {
        return done + " tests done, " + running + " running, " + left + " left";
    }
}
