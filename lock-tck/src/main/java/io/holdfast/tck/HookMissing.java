// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/** The fixture has no hook for what a test needs: the test is skipped, and the report says why. */
public final class HookMissing extends TestAbortedException {
    private static final long serialVersionUID = 1;

    /** Null when the reason is no hook of the fixture's. */
    private final @Nullable Hook hook;

    /**
     * A reason to skip that is no hook of the fixture's, such as what the Java in use lacks.
     *
     * @param what what the fixture would have to do, such as "use virtual threads"
     */
    public HookMissing(String what) {
        super("the fixture cannot " + what);
        this.hook = null;
    }

    /**
     * A reason to skip.
     *
     * @param hook the hook that is missing
     * @param what what the fixture would have to do, such as "cut the link to the store"
     */
    public HookMissing(Hook hook, String what) {
        super("the fixture cannot " + what);
        this.hook = hook;
    }

    /**
     * The hook that is missing.
     *
     * @return empty when it is no hook of the fixture's
     */
    public Optional<Hook> hook() {
        return Optional.ofNullable(hook);
    }
}
