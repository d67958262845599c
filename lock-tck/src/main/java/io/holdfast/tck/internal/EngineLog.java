// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What the engine logs while the kit runs: its warnings, which the tests provoke by the hundred, are left out unless somebody
 * has set a level for them; an error is a fault of the engine or the backend, whatever the test is about. Thread-safe.
 */
final class EngineLog extends Handler {
    /** Kept, because the log system keeps a logger only as long as somebody refers to it. */
    private final Logger logger = Logger.getLogger("io.holdfast");

    private final Level levelBefore = logger.getLevel();
    private final List<String> errors = new ArrayList<>();

    EngineLog() {
        setLevel(Level.SEVERE);
        logger.addHandler(this);
        if (levelBefore == null) {
            logger.setLevel(Level.SEVERE);
        }
    }

    /** The errors since it was asked last. */
    synchronized List<String> errors() {
        List<String> found = List.copyOf(errors);
        errors.clear();
        return found;
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (isLoggable(entry)) {
            errors.add(entry.getMessage() + (entry.getThrown() == null ? "" : ": " + entry.getThrown()));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setLevel(levelBefore);
    }
}
