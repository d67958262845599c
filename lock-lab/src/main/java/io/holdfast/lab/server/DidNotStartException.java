// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A node ended, or did not serve in time, while it was started. */
final class DidNotStartException extends IllegalStateException {
    private static final long serialVersionUID = 1L;
    private static final Pattern PORT_TAKEN =
            Pattern.compile("(?i)address (is )?(already )?in use|port is already allocated");

    DidNotStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether somebody else has got one of its ports meanwhile. */
    boolean wantsOtherPorts() {
        return PORT_TAKEN.matcher(String.valueOf(getMessage())).find();
    }
}
