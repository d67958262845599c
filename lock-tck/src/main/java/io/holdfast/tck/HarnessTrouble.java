// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/**
 * The kit could not look: a process of its own did not come up, or the machine stood still while time was measured. That says nothing of
 * the store: no rule was seen broken, and none was seen to hold.
 */
public final class HarnessTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * What went wrong.
     *
     * @param what what the kit could not do, and what to do about it
     */
    public HarnessTrouble(String what) {
        super(what);
    }
}
