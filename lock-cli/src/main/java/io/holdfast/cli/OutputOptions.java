// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How much is said on standard error. */
final class OutputOptions {
    @ArgGroup
    @Nullable
    Choice choice;

    /** At most one of them. */
    static final class Choice {
        @Option(
                names = {"-v", "--verbose"},
                description = "Say more.")
        boolean verbose;

        @Option(
                names = {"-q", "--quiet"},
                description = "Say nothing but errors.")
        boolean quiet;

        @Option(names = "--json", description = "Say everything as one JSON object a line.")
        boolean json;
    }

    Report.Style style() {
        if (choice == null) {
            return Report.Style.NORMAL;
        } else if (choice.json) {
            return Report.Style.JSON;
        }
        return choice.verbose ? Report.Style.VERBOSE : Report.Style.QUIET;
    }
}
