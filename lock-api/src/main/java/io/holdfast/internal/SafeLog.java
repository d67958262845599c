// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Writes to a log where more is to be done after it: a logger that throws, for want of memory or of a class that an upgrade in place
 * took away, must not leave a waiter unserved or a result open (rule SP-7).
 */
public final class SafeLog {
    private SafeLog() {}

    public static void log(Logger log, Level level, Supplier<String> what) {
        try {
            log.log(level, what);
        } catch (Throwable again) {
            return; // nobody is left to tell
        }
    }

    public static void log(Logger log, Level level, String what, Throwable why) {
        try {
            log.log(level, what, why);
        } catch (Throwable again) {
            return; // nobody is left to tell
        }
    }
}
