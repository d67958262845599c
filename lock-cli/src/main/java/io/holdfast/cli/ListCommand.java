// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code holdfast list}. */
@Command(
        name = "list",
        description = "Shows every lock that somebody holds or waits for, one a line.",
        footer = {
            "",
            "Exit codes: 0; 69, 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast list",
            "  holdfast list --json --url file:/var/lib/locks"
        })
final class ListCommand extends StoreCommand {
    private final PrintWriter out;

    ListCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        Optional<LockClient> opened = openToAsk(report);
        if (opened.isPresent()) {
            try (LockClient client = opened.get()) {
                client.list().forEach(info -> answer(out, LockText.line(info), LockText.json(info)));
            }
        }
        return ExitCode.OK;
    }
}
