// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast status}. */
@Command(
        name = "status",
        description = "Shows who holds the lock NAME and since when.",
        footer = {
            "",
            "Exit codes: 0; with --check 0 when it is free, 75 when it is held; 69, 77,",
            "78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast status nightly-report",
            "  holdfast status --check -q deploy && echo free"
        })
final class StatusCommand extends StoreCommand {
    private final PrintWriter out;

    @Option(names = "--check", description = "Tell by the exit code: 0 free, 75 held.")
    private boolean check;

    @Parameters(paramLabel = "NAME", description = "The lock.")
    private String name = "";

    StatusCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        LockNames.checked(name);
        LockInfo info = inspected(report);
        if (style() != Report.Style.QUIET) {
            answer(out, LockText.line(info), LockText.json(info));
        }
        return check && info.isHeld() ? ExitCode.BUSY : ExitCode.OK;
    }

    private LockInfo inspected(Report report) {
        Optional<LockClient> opened = openToAsk(report);
        if (opened.isEmpty()) {
            return LockText.free(name);
        }
        try (LockClient client = opened.get()) {
            return client.lock(name).inspect();
        }
    }
}
