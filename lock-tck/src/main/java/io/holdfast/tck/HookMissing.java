// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import org.opentest4j.TestAbortedException;

/** The fixture has no hook for what a test needs: the test is skipped, and the report says why. */
public final class HookMissing extends TestAbortedException {
    private static final long serialVersionUID = 1;

    /**
     * A reason to skip.
     *
     * @param what what the fixture would have to do, such as "cut the link to the store"
     */
    public HookMissing(String what) {
        super("the fixture cannot " + what);
    }
}
