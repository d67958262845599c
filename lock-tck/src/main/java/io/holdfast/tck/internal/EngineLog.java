// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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
    private final List<String> setAside = new ArrayList<>();
    private final boolean heard;
    private volatile boolean probed;

    EngineLog() throws Exception {
        setLevel(Level.SEVERE);
        logger.addHandler(this);
        if (levelBefore == null) {
            logger.setLevel(Level.SEVERE);
        }
        heard = LogProbe.arrives(text -> probed);
    }

    /** False when another log system takes what the engine logs: then no error says nothing. */
    boolean isHeard() {
        return heard;
    }

    /** Takes out the errors that are somebody's. */
    synchronized List<String> errors(Predicate<String> whose) {
        List<String> found = errors.stream().filter(whose).toList();
        errors.removeAll(found);
        return found;
    }

    /** Whoever comes next has nothing to do with the errors that are here. */
    synchronized void setAside() {
        setAside.addAll(errors);
        errors.clear();
    }

    /** The errors that nobody took. */
    synchronized List<String> unclaimed() {
        setAside();
        return List.copyOf(setAside);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (LogProbe.isOne(String.valueOf(entry.getMessage()))) {
            probed = true;
        } else if (isLoggable(entry)) {
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
