// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.internal.Names;
import java.io.PrintWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code holdfast release}. */
@Command(
        name = "release",
        description = "Takes the lock NAME from whoever holds it.",
        footer = {
            "",
            "The holder learns so within one renewal round, and until then believes in",
            "its lock: only the fencing token tells it from the next holder.",
            "",
            "Exit codes: 0 released; 1 nobody held it; 75 another holder has it by",
            "now; 69, 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast status deploy",
            "  holdfast release deploy --force --if-token 5130741760"
        })
final class ReleaseCommand extends StoreCommand {
    private final PrintWriter out;

    @Option(names = "--force", description = "Needed: there is no other way to release another's lock.")
    private boolean force;

    @Option(
            names = "--if-token",
            paramLabel = "T",
            converter = ShownToken.class,
            description = "Only while the holder has this token, as status shows it.")
    private @Nullable Long token;

    @Parameters(paramLabel = "NAME", description = "The lock.")
    private String name = "";

    ReleaseCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        Names.checked(name);
        if (!force) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "to release what another holds needs --force; its holder believes in it a while yet");
        }
        try (LockClient client = open(report)) {
            ForceOutcome outcome = release(client);
            String shown = Names.printable(name);
            String line =
                    switch (outcome) {
                        case RELEASED -> shown + ": released";
                        case NOT_HELD -> shown + ": nobody held it";
                        case MOVED_ON -> shown + ": not released, another holder has it by now";
                    };
            if (style() != Report.Style.QUIET) {
                answer(out, line, new Json().with("lock", name).with("outcome", outcome));
            }
            return switch (outcome) {
                case RELEASED -> ExitCode.OK;
                case NOT_HELD -> ExitCode.NOT_HELD;
                case MOVED_ON -> ExitCode.BUSY;
            };
        }
    }

    /** As {@code status} prints it, and as a JSON reader hands it on with its quotes. */
    private static final class ShownToken implements ITypeConverter<Long> {
        private static final Pattern FORM = Pattern.compile("(\"?)([1-9][0-9]*)\\1");

        @Override
        public Long convert(String text) {
            Matcher matcher = FORM.matcher(text);
            try {
                if (matcher.matches()) {
                    return Long.valueOf(matcher.group(2));
                }
            } catch (NumberFormatException beyondTokens) {
                // Refused like any other that no hold has.
            }
            throw new TypeConversionException("'" + Names.printable(text)
                    + "' is no fencing token; give the number after 'token' that holdfast status shows");
        }
    }

    private ForceOutcome release(LockClient client) {
        if (token != null) {
            return client.forceUnlock(name, token);
        }
        return client.lock(name).forceUnlock() ? ForceOutcome.RELEASED : ForceOutcome.NOT_HELD;
    }
}
