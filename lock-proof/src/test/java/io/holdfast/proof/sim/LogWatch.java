// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps the engine's log out of the output; an error in it is a fault that the engine itself has noticed. */
final class LogWatch implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.holdfast");
    private final boolean hadParents = logger.getUseParentHandlers();
    private final Level level = logger.getLevel();
    private final Watching handler = new Watching();

    LogWatch() {
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.SEVERE);
        logger.addHandler(handler);
    }

    void report(SimWorld world) {
        handler.world = world;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setLevel(level);
        logger.setUseParentHandlers(hadParents);
    }

    private static final class Watching extends Handler {
        private SimWorld world;

        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.SEVERE.intValue() && world != null) {
                world.fail("SIM", "the engine reports an error: " + record.getMessage(), record.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
