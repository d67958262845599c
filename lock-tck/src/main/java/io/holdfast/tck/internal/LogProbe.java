// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Finds out whether the kit hears what Holdfast logs. Holdfast logs by {@link System.Logger}, and where that goes is the program's
 * choice: without another choice to java.util.logging, where the kit listens. That nothing bad was heard means nothing to who
 * hears nothing.
 */
final class LogProbe {
    static final String WHAT_IS_MISSING = "hear what is logged: System.Logger goes to "
            + System.LoggerFinder.getLoggerFinder().getClass().getName()
            + "; run the kit without that log system on its class path, or have it hand on to java.util.logging";

    private static final String TEXT = "the kit looks whether it hears what is logged; this is no fault: ";

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final AtomicLong NUMBER = new AtomicLong();

    private LogProbe() {}

    /**
     * Logs a line as the engine does.
     *
     * @param heard whether a text has arrived
     */
    static boolean arrives(Predicate<String> heard) throws Exception {
        return arrives(System.getLogger("io.holdfast"), heard);
    }

    static boolean arrives(System.Logger logger, Predicate<String> heard) throws Exception {
        String text = TEXT + NUMBER.incrementAndGet();
        logger.log(Level.ERROR, text);
        // Some log systems write on a thread of their own.
        return Await.until(PATIENCE, () -> heard.test(text));
    }

    /** Whether a line is one of ours. */
    static boolean isOne(String message) {
        return message.startsWith(TEXT);
    }
}
