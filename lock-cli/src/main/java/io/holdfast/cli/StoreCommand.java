// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockNames;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands that talk to a store have in common. */
abstract class StoreCommand implements Callable<Integer> {
    private final Stores stores;

    @Mixin
    private final StoreOptions storeOptions = new StoreOptions();

    @Mixin
    private final OutputOptions outputOptions = new OutputOptions();

    StoreCommand(Stores stores) {
        this.stores = stores;
    }

    /** Does the command's work and returns the exit code. */
    abstract int execute(Report report) throws InterruptedException;

    /** Opens the store that the options name. */
    LockClient open(Report report) {
        return stores.open(storeOptions, report);
    }

    /** The same for a question, which makes nothing: empty when the store has not been used yet. */
    Optional<LockClient> openToAsk(Report report) {
        return stores.openToAsk(storeOptions, report);
    }

    LockConfig config(Report report) {
        return stores.config(storeOptions, report);
    }

    StoreOptions storeOptions() {
        return storeOptions;
    }

    Report.Style style() {
        return outputOptions.style();
    }

    /** Prints an answer on standard output, for people or for programs. */
    void answer(PrintWriter out, String line, Json fields) {
        out.println(style() == Report.Style.JSON ? fields.toString() : LockNames.printable(line));
    }

    @Override
    public final Integer call() {
        Report report = Report.toStandardError(style());
        ReportLoggerFinder.use(report);
        try {
            return execute(report);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return fail(report, new ToolException(ExitCode.FAILED, "interrupted", e));
        } catch (RuntimeException e) {
            return fail(report, e);
        }
    }

    private static int fail(Report report, RuntimeException e) {
        int code = ExitCode.of(e);
        boolean expected = e instanceof LockException || e instanceof ToolException || code != ExitCode.FAILED;
        String message = expected && e.getMessage() != null ? e.getMessage() : "unexpected failure: " + e;
        report.say(Report.Weight.ERROR, "error", message, new Json().with("exit", code));
        if (report.style() == Report.Style.VERBOSE) {
            e.printStackTrace();
        }
        return code;
    }
}
