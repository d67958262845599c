// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import org.opentest4j.TestAbortedException;

/** The backend does not claim what a test is about: the test is skipped, and the report says so. */
public final class NotClaimed extends TestAbortedException {
    private static final long serialVersionUID = 1;

    /**
     * A reason to skip.
     *
     * @param why what is not claimed, by which declaration
     */
    public NotClaimed(String why) {
        super(why);
    }
}
