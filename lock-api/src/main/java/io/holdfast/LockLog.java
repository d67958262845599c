// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of the engine come from: log handlers show the class that calls the logger, and filters go by it. This name
 * stays, whatever becomes of the classes inside.
 */
final class LockLog {
    private LockLog() {}

    static void write(Logger log, Level level, String what, @Nullable Throwable why) {
        if (why == null) {
            log.log(level, what);
        } else {
            log.log(level, what, why);
        }
    }
}
