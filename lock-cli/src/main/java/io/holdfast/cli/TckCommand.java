// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.internal.Names;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import java.io.File;
import java.io.PrintWriter;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast tck}. */
@Command(
        name = "tck",
        description = "Runs the compatibility kit against the store of --url and prints the table of rules.",
        footer = {
            "",
            "It takes, loses and forces locks whose names begin with the kit's own word, and",
            "leaves nothing behind.",
            "",
            "Exit codes: 0 no rule was seen broken; 1 one was; 69, 77, 78, 64, 125 as for",
            "run.",
            "",
            "Examples:",
            "  holdfast tck --url memory:kit",
            "  holdfast tck --url their:scheme --class-path their-backend.jar --json"
        })
final class TckCommand extends StoreCommand {
    private static final String CLASS_PATH = "java.class.path";

    private final PrintWriter out;

    @Option(names = "--long", description = "Also the tests that take minutes.")
    private boolean withLong;

    TckCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        StoreOptions store = storeOptions();
        String url = store.url;
        if (url == null) {
            throw new ToolException(
                    ExitCode.USAGE, "tck needs --url: the kit is run against a store that was meant for it");
        }
        LockConfig config = config(report);
        if (store.classPath != null) {
            // The kit's other processes are started with this one's class path.
            System.setProperty(CLASS_PATH, System.getProperty(CLASS_PATH) + File.pathSeparator + store.classPath);
        }
        if (style() != Report.Style.VERBOSE) {
            // The kit loses locks on purpose; what the engine has to say of that is no news.
            ReportLoggerFinder.use(Report.toStandardError(Report.Style.QUIET));
        }
        TckReport found = run(new ConfiguredFixture(url, config), report);
        if (style() == Report.Style.JSON) {
            out.println(found.json());
        } else {
            out.print(found.table());
            out.flush();
        }
        return found.isPassed() ? ExitCode.OK : ExitCode.RULE_FAILED;
    }

    private TckReport run(LockBackendFixture fixture, Report report) {
        TckRunner runner = TckRunner.of(fixture).tell(new Progress(report));
        try {
            return (withLong ? runner.withLongTests() : runner).run();
        } catch (IllegalStateException notBegun) {
            throw notBegun.getCause() instanceof LockException cause ? cause : notBegun;
        }
    }

    /** The store of the command line, with whatever settings its environment has. */
    private record ConfiguredFixture(String url, LockConfig config) implements LockBackendFixture {}

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
                        status + " " + Names.printable(test.getDisplayName()) + (why.isEmpty() ? "" : ": " + why),
                        new Json()
                                .with("test", test.getDisplayName())
                                .with("status", status)
                                .with("reason", why.isEmpty() ? null : why));
            }
        }

        /** In one line; the table has the whole. */
        private static String reason(Throwable thrown) {
            String message = thrown.getMessage();
            return Names.printable(
                    message == null
                            ? thrown.toString()
                            : message.lines().findFirst().orElse(""));
        }
    }
}
