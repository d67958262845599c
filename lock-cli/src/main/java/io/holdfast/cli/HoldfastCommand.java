// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast} without a command: wrong use. */
@Command(
        name = "holdfast",
        description = "Distributed locks for commands.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  holdfast run nightly-report -- ./report.sh",
            "  holdfast status nightly-report",
            "  holdfast help run"
        })
final class HoldfastCommand implements Runnable {
    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-V", "--version"},
            description = "Show the version.")
    private boolean version;

    HoldfastCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        if (version) {
            String built = HoldfastCommand.class.getPackage().getImplementationVersion();
            out.println("holdfast " + (built == null ? "from its classes" : built));
        } else if (spec != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "name a command: " + String.join(", ", spec.subcommands().keySet()));
        }
    }
}
