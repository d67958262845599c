// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import org.jspecify.annotations.Nullable;

/** Ends the tool with one line and an exit code. */
final class ToolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    ToolException(int exitCode, String message) {
        this(exitCode, message, null);
    }

    ToolException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
