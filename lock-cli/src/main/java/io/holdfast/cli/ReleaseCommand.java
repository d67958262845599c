// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LeaseScope;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
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
            "The holder learns so with its next answered renewal, a third of its lease",
            "later when all is well, at its deadline at the latest, and until then believes",
            "in its lock: only the fencing token tells it from the next holder.",
            "",
            "Exit codes: 0 released; 1 nobody held it; 75 another holder has it by",
            "now; 69 store unreachable, or outcome unknown; 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast status deploy",
            "  holdfast release deploy --force --if-token 5130741760"
        })
final class ReleaseCommand extends StoreCommand {
    private static final int ROUNDS_IN_A_LEASE = 3;
    private static final int MOST_LOOKS = 3;

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
        LockNames.checked(name);
        if (!force) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "to release what another holds needs --force; its holder goes on believing in it for up to a third"
                            + " of its lease (10s of the usual 30s), and while its renewals get no answer until its"
                            + " deadline");
        }
        Optional<LockClient> opened = openToAsk(report);
        if (opened.isEmpty()) {
            return told(new Forced(ForceOutcome.NOT_HELD, Optional.empty()), Hearing.NEVER);
        }
        try (LockClient client = opened.get()) {
            return told(forced(client), Hearing.of(client));
        }
    }

    /** What was done, and to whom as far as that is known. */
    private record Forced(ForceOutcome outcome, Optional<LockInfo> holder) {}

    /** Whoever is seen to hold is who the lock is taken from, so that nobody is named who had given it back by then. */
    private Forced forced(LockClient client) {
        for (int look = 1; look <= MOST_LOOKS; look++) {
            LockInfo seen = client.lock(name).inspect();
            OptionalLong wanted = token == null ? seen.fencingToken() : OptionalLong.of(token);
            if (wanted.isEmpty()) {
                break;
            }
            ForceOutcome outcome = client.forceUnlock(name, wanted.getAsLong());
            if (token != null || outcome != ForceOutcome.MOVED_ON) {
                return new Forced(outcome, Optional.of(seen).filter(info -> info.fencingToken()
                        .equals(wanted)));
            }
        }
        // Free when it was looked at, which another may have changed,
        // or from one holder to the next too quickly to say.
        ForceOutcome outcome = client.lock(name).forceUnlock() ? ForceOutcome.RELEASED : ForceOutcome.NOT_HELD;
        return new Forced(outcome, Optional.empty());
    }

    /** When a holder hears, as far as this client can say: the store does not show the lease of another. */
    private record Hearing(Duration within, String words) {
        static final Hearing NEVER = new Hearing(Duration.ZERO, "");

        static Hearing of(LockClient client) {
            Duration within = client.lease().dividedBy(ROUNDS_IN_A_LEASE);
            String latest = client.capabilities().scope() == LeaseScope.NONE ? "" : ", its deadline at the latest";
            return new Hearing(
                    within,
                    "; it may go on until its next answered renewal" + latest + ": up to " + DurationFormat.show(within)
                            + " when all is well, if its lease is " + DurationFormat.show(client.lease())
                            + " as this command's");
        }
    }

    private int told(Forced forced, Hearing hearing) {
        String shown = LockNames.printable(name);
        Json fields = new Json().with("lock", name).with("outcome", forced.outcome());
        StringBuilder line = new StringBuilder(
                switch (forced.outcome()) {
                    case RELEASED -> shown + ": released";
                    case NOT_HELD -> shown + ": nobody held it";
                    case MOVED_ON -> shown + ": not released, another holder has it by now";
                });
        if (forced.outcome() == ForceOutcome.RELEASED) {
            forced.holder().ifPresent(info -> {
                line.append("; was ").append(LockText.holder(info)).append(LockText.token(info));
                fields.with("holder", info.holder()).with("since", info.since()).withToken(info.fencingToken());
            });
            line.append(hearing.words());
            fields.with("hears_within_ms", hearing.within().toMillis());
        }
        if (style() != Report.Style.QUIET) {
            answer(out, line.toString(), fields);
        }
        return switch (forced.outcome()) {
            case RELEASED -> ExitCode.OK;
            case NOT_HELD -> ExitCode.NOT_HELD;
            case MOVED_ON -> ExitCode.BUSY;
        };
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
            throw new TypeConversionException("'" + LockNames.printable(text)
                    + "' is no fencing token; give the number after 'token' that holdfast status shows");
        }
    }
}
