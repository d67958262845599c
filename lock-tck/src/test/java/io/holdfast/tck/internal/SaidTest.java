// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.PrintStream;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the kit hears of what is logged, and that it knows when it hears nothing. */
class SaidTest {
    private final PrintStream errBefore = System.err;

    @Test
    void hearsWhatTheEngineLogsAndWhatOthersPrint() {
        try (Said said = new Said()) {
            System.getLogger("io.holdfast").log(System.Logger.Level.DEBUG, "logged by the engine");
            System.err.println("printed by another log system");

            assertThat(said.with("logged by the engine")).isNotEmpty();
            assertThat(said.with("printed by another log system")).isNotEmpty();
            assertThatCode(said::needsToHear).doesNotThrowAnyException();
        }
        assertThat(System.err).isSameAs(errBefore);
    }

    @Test
    void knowsThatALogSystemKeepsEverythingToItself() throws Exception {
        try (Said said = new Said()) {
            assertThat(LogProbe.arrives(new Swallowing(), said::has)).isFalse();
        }
        assertThat(LogProbe.WHAT_IS_MISSING).contains("System.Logger goes to ");
    }

    @Test
    void theEnginesErrorsAreHeardButNotOurOwnProbe() throws Exception {
        EngineLog log = new EngineLog();
        try {
            assertThat(log.isHeard()).isTrue();
            assertThat(log.errors(error -> true)).isEmpty();
            System.getLogger("io.holdfast").log(System.Logger.Level.ERROR, "an error of the engine");
            assertThat(log.errors(error -> true)).containsExactly("an error of the engine");
        } finally {
            log.close();
        }
    }

    private static final class Swallowing implements System.Logger {
        @Override
        public String getName() {
            return "io.holdfast";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {}

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                String format,
                @Nullable Object @Nullable ... arguments) {}
    }
}
