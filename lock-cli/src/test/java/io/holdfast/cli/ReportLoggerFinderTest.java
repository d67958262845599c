// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportLoggerFinderTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final System.Logger logger = System.getLogger("io.holdfast.some");

    @AfterEach
    void restore() {
        ReportLoggerFinder.use(Report.toStandardError(Report.Style.NORMAL));
    }

    private void style(Report.Style style) {
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        ReportLoggerFinder.use(new Report(out, style, () -> Instant.EPOCH));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyWayToLogEndsInOneLine() {
        style(Report.Style.NORMAL);
        logger.log(Level.WARNING, "plain {0}");
        logger.log(Level.WARNING, () -> "supplied");
        logger.log(Level.WARNING, "formatted {0}", 5);
        logger.log(Level.WARNING, "thrown", new IllegalStateException("why"));
        logger.log(Level.WARNING, "wrapped", new CompletionException(new IllegalStateException("why")));
        logger.log(Level.WARNING, "silent", new CompletionException(new IllegalStateException()));
        logger.log(Level.WARNING, Instant.EPOCH);

        assertThat(said())
                .isEqualTo(
                        """
                        holdfast: plain {0}
                        holdfast: supplied
                        holdfast: formatted 5
                        holdfast: thrown (why)
                        holdfast: wrapped (why)
                        holdfast: silent (IllegalStateException)
                        holdfast: 1970-01-01T00:00:00Z
                        """);
    }

    @Test
    void theStyleDecidesWhatIsSaid() {
        style(Report.Style.NORMAL);
        logger.log(Level.INFO, "info");
        assertThat(said()).isEmpty();

        style(Report.Style.VERBOSE);
        logger.log(Level.INFO, "info");
        logger.log(Level.DEBUG, "debug");
        assertThat(said()).isEqualTo("holdfast: info\n");

        said.reset();
        style(Report.Style.QUIET);
        logger.log(Level.WARNING, "warning");
        logger.log(Level.ERROR, "error");
        assertThat(said()).isEqualTo("holdfast: error\n");

        said.reset();
        style(Report.Style.JSON);
        logger.log(Level.WARNING, "warning");
        assertThat(said())
                .startsWith("{\"time\":\"1970-01-01T00:00:00Z\",\"event\":\"log\",\"logger\":\"io.holdfast.some\"")
                .endsWith("\"message\":\"warning\"}\n");
    }
}
