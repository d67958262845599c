// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;

/** What the tool's exit codes mean; docs/cli.md has them as a table. */
final class ExitCode {
    static final int OK = 0;
    /** {@code release}: nobody held the lock. */
    static final int NOT_HELD = 1;
    /** {@code tck}: a rule failed. */
    static final int RULE_FAILED = 1;
    /** {@code doctor}: nothing unsafe, but something could be better. */
    static final int WARNINGS = 1;
    /** {@code doctor}: two may come to hold one lock, or locks may not be had. */
    static final int UNSAFE = 2;
    /** {@code doctor}: nothing unsafe was seen, but something could not be looked at. */
    static final int NOT_KNOWN = 3;
    /** Wrong use of the command line. */
    static final int USAGE = 64;
    /** The store was not reached, or what it did is unknown. */
    static final int UNAVAILABLE = 69;
    /** Somebody else holds the lock. */
    static final int BUSY = 75;
    /** The store refused the credentials. */
    static final int DENIED = 77;
    /** A setting is wrong. */
    static final int CONFIG = 78;
    /** The lock was lost while COMMAND ran, and COMMAND was ended. */
    static final int LOST = 79;
    /** COMMAND ran longer than it may. */
    static final int TIMED_OUT = 124;
    /** The tool itself failed. */
    static final int FAILED = 125;
    /** COMMAND is there but cannot be executed. */
    static final int NOT_EXECUTABLE = 126;
    /** There is no such COMMAND. */
    static final int NOT_FOUND = 127;

    private ExitCode() {}

    /** As a shell shows the end by a signal. */
    static int ofSignal(int number) {
        return 128 + number;
    }

    /** The code that tells a script what went wrong. */
    static int of(Throwable failure) {
        if (failure instanceof LockException known) {
            return of(known);
        }
        if (failure instanceof ToolException known) {
            return known.exitCode();
        }
        // Lock names are checked by the API, which knows no other wrong argument of ours.
        return failure instanceof IllegalArgumentException ? USAGE : FAILED;
    }

    private static int of(LockException failure) {
        // A switch over the sealed type needs a newer Java than 17.
        if (failure instanceof LockTimeoutException) {
            return BUSY;
        } else if (failure instanceof LockUnavailableException || failure instanceof LockOutcomeUnknownException) {
            return UNAVAILABLE;
        } else if (failure instanceof LockDeniedException) {
            return DENIED;
        } else if (failure instanceof LockConfigException) {
            return CONFIG;
        }
        assert failure instanceof FencingRegressionException || failure instanceof LockClosedException;
        return FAILED;
    }
}
