// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockNames;
import io.holdfast.tck.Level;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast tck}. */
@Command(
        name = "tck",
        description = "Runs the compatibility kit against the store of --url, or of --fixture, and prints the table of"
                + " rules.",
        footer = {
            "",
            "It takes, loses and forces locks whose names begin with the kit's own word, and",
            "leaves nothing behind.",
            "",
            "Exit codes: 0 no rule was seen broken, and the level was reached; 1 one was, or",
            "it was not; 69, 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast tck --url memory:kit",
            "  holdfast tck --url their:scheme --class-path their-backend.jar --json",
            "  holdfast tck --fixture their.Fixture --class-path theirs.jar:theirs-tests.jar"
        })
final class TckCommand extends StoreCommand {
    private static final String CLASS_PATH = "java.class.path";

    /** Kept, because the log system keeps a level only as long as somebody refers to the logger. */
    private static final Logger ENGINE_LOG = Logger.getLogger("io.holdfast");

    private final PrintWriter out;

    @Option(
            names = "--fixture",
            paramLabel = "CLASS",
            description = "In place of --url: a class of --class-path that implements LockBackendFixture and has a"
                    + " constructor without arguments; its hooks make more tests run.")
    private @Nullable String fixture;

    @Option(names = "--long", description = "Also the tests that take minutes.")
    private boolean withLong;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "Fail unless this is reached: bronze, silver, gold; docs/tck.md says what each asks for.")
    private @Nullable Level level;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also write the report as a page for people, with a drawing of what a history shows broken.")
    private @Nullable Path html;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "So many tests side by side, 8 if not said; 1 for one after another.")
    private @Nullable Integer parallel;

    TckCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        StoreOptions store = storeOptions();
        checkStore(store);
        if (parallel != null && parallel < 1) {
            throw new ToolException(ExitCode.USAGE, "--parallel takes a number of tests from 1 on, not " + parallel);
        }
        LockConfig config = config(report);
        if (store.classPath != null) {
            // The kit's other processes are started with this one's class path.
            System.setProperty(CLASS_PATH, System.getProperty(CLASS_PATH) + File.pathSeparator + store.classPath);
        }
        // The kit loses locks on purpose; what the engine has to
        // say of that is no news, but it is part of what is tested.
        ReportLoggerFinder.handToKit();
        if (style() == Report.Style.VERBOSE) {
            ENGINE_LOG.setLevel(java.util.logging.Level.INFO);
        }
        TckReport found = run(runner(store, config), report);
        if (html != null) {
            write(html, found.html());
        }
        if (style() == Report.Style.JSON) {
            out.print(found.json());
            out.flush();
        } else {
            out.print(found.table());
            out.flush();
        }
        return exitCode(found, level);
    }

    private void checkStore(StoreOptions store) {
        if (fixture == null && store.url == null) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "tck needs --url, or --fixture: the kit is run against a store that was meant for it");
        }
        if (fixture != null && (store.url != null || store.lease != null || store.config != null)) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "--fixture says by itself how to reach the store: leave out --url, --lease and --config");
        }
    }

    private TckRunner runner(StoreOptions store, LockConfig config) {
        if (fixture == null) {
            return TckRunner.of(String.valueOf(store.url), config);
        }
        try {
            return TckRunner.ofFixture(fixture);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, "--fixture: " + e.getMessage(), e);
        }
    }

    private static void write(Path file, String page) {
        try {
            Files.writeString(file, page);
        } catch (IOException e) {
            throw new ToolException(
                    ExitCode.FAILED, "--html " + LockNames.printable(file.toString()) + " cannot be written: " + e);
        }
    }

    /** What a script learns of a report when it wants a level, or null for none. */
    static int exitCode(TckReport found, @Nullable Level wanted) {
        boolean reached = wanted == null
                || found.level().filter(level -> level.compareTo(wanted) >= 0).isPresent();
        return found.isPassed() && reached ? ExitCode.OK : ExitCode.RULE_FAILED;
    }

    private TckReport run(TckRunner untold, Report report) {
        TckRunner runner = untold.tell(new Progress(report));
        if (WaitLine.isShown(report)) {
            runner = runner.tellProgress(progress -> report.show("holdfast: " + progress));
        }
        if (parallel != null) {
            runner = runner.atATime(parallel);
        }
        try {
            return (withLong ? runner.withLongTests() : runner).run();
        } catch (IllegalStateException notBegun) {
            throw notBegun.getCause() instanceof LockException cause ? cause : notBegun;
        } finally {
            report.unshow();
        }
    }

    /** Says each test as it ends. */
    record Progress(Report report) implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                String status =
                        switch (result.getStatus()) {
                            case SUCCESSFUL -> "passed";
                            case FAILED -> "failed";
                            case ABORTED -> "skipped";
                        };
                String why = result.getThrowable().map(Progress::reason).orElse("");
                report.say(
                        status.equals("passed") ? Report.Weight.DETAIL : Report.Weight.NOTICE,
                        "test",
                        status + " " + LockNames.printable(test.getDisplayName()) + (why.isEmpty() ? "" : ": " + why),
                        new Json()
                                .with("test", test.getDisplayName())
                                .with("status", status)
                                .with("reason", why.isEmpty() ? null : why));
            }
        }

        /** In one line; the table has the whole. */
        private static String reason(Throwable thrown) {
            String message = thrown.getMessage();
            return LockNames.printable(
                    message == null
                            ? thrown.toString()
                            : message.lines().findFirst().orElse(""));
        }
    }
}
