// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a log where more is to be done after it: a logger that throws, for want of memory or of a class that an upgrade in place
 * took away, must not leave a waiter unserved or a result open (rule SP-7).
 */
public final class SafeLog {
    private static volatile @Nullable Writer writer;

    private SafeLog() {}

    /** Calls the logger. */
    @FunctionalInterface
    public interface Writer {
        void write(Logger log, Level level, String what, @Nullable Throwable why);
    }

    /** Called once when the API is loaded: what calls the logger is what a log shows as the source, and no class of the inside. */
    public static void register(Writer source) {
        writer = source;
    }

    public static void log(Logger log, Level level, Supplier<String> what) {
        try {
            if (log.isLoggable(level)) {
                write(log, level, what.get(), null);
            }
        } catch (Throwable again) {
            return; // nobody is left to tell
        }
    }

    public static void log(Logger log, Level level, String what, Throwable why) {
        try {
            write(log, level, what, why);
        } catch (Throwable again) {
            return; // nobody is left to tell
        }
    }

    private static void write(Logger log, Level level, String what, @Nullable Throwable why) {
        Writer source = writer;
        if (source != null) {
            source.write(log, level, what, why);
        } else {
            log.log(level, what, why);
        }
    }
}
