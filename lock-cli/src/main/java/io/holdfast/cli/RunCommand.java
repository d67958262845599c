// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import io.holdfast.spi.DurationFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast run}. */
@Command(
        name = "run",
        description = "Runs COMMAND while holding the lock NAME. Options end at NAME.",
        customSynopsis = "holdfast run [OPTIONS] NAME [--] COMMAND [ARG...]",
        footer = {
            "",
            "COMMAND has holdfast's standard input, output and error, and sees",
            "HOLDFAST_LOCK, HOLDFAST_TOKEN and HOLDFAST_STORE in its environment. It is",
            "killed with all its children when the lock can no longer be proven.",
            "Durations have a unit: 500ms 30s 5m 1h 1d.",
            "",
            "Exit codes: COMMAND's own, 128+n when signal n ended it; 75 busy; 69 store",
            "unreachable; 79 the lock was lost and COMMAND ended, or its success is in",
            "doubt; 77 no permission; 78 bad setting; 64 wrong use; 124 --at-most passed;",
            "125 holdfast failed; 126 COMMAND not executable; 127 not found; 129, 130 and",
            "143 stopped while waiting, nothing held.",
            "",
            "Examples:",
            "  holdfast run nightly-report -- ./report.sh --all",
            "  # once, on however many hosts of about the same time:",
            "  holdfast run --no-wait --at-least 2s nightly-report -- ./report.sh",
            "  holdfast run --wait 30s --at-most 10m deploy -- make deploy",
            "  holdfast run -u file:/var/lib/locks -c 'cat a b > c' files"
        })
final class RunCommand extends StoreCommand {
    private final Map<String, String> environment;

    @ArgGroup
    private @Nullable Waiting waiting;

    @Option(
            names = {"-E", "--conflict-exit-code"},
            paramLabel = "N",
            defaultValue = "75",
            description = "Exit code when the lock is busy, 0 to 255 (75).")
    private int busyExitCode;

    @Option(
            names = "--at-least",
            paramLabel = "DURATION",
            description = "Keep the lock at least so long; holdfast stays until then. INT or TERM ends the stay.")
    private @Nullable Duration atLeast;

    @Option(names = "--at-most", paramLabel = "DURATION", description = "End COMMAND after it: by TERM, then by KILL.")
    private @Nullable Duration atMost;

    @Option(
            names = {"-k", "--kill-after"},
            paramLabel = "DURATION",
            description = "From TERM to KILL (5s, at most a quarter of the lease).")
    private @Nullable Duration killAfter;

    @Option(
            names = {"-c", "--shell"},
            paramLabel = "STRING",
            description = "Run STRING by sh -c in place of COMMAND.")
    private @Nullable String shell;

    @Option(
            names = "--keep-secrets",
            description = "Leave the store's password in COMMAND's environment, for a holdfast that COMMAND calls.")
    private boolean keepSecrets;

    @Parameters(index = "0", paramLabel = "NAME", description = "The lock: 1 to 512 bytes, any characters.")
    private String name = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "What to run, and its arguments.")
    private List<String> command = new ArrayList<>();

    RunCommand(Stores stores, Map<String, String> environment) {
        super(stores);
        this.environment = environment;
    }

    /** At most one of them. */
    private static final class Waiting {
        @Option(
                names = {"-w", "--wait"},
                paramLabel = "DURATION",
                description =
                        "Give up after it (no limit; a store that is out for more than outage-timeout, 1m, ends it with 69).")
        private @Nullable Duration limit;

        @Option(
                names = {"-n", "--no-wait"},
                description = "Do not wait.")
        private boolean none;

        Optional<Duration> asLimit() {
            return none ? Optional.of(Duration.ZERO) : Optional.ofNullable(limit);
        }
    }

    @Override
    int execute(Report report) throws InterruptedException {
        RunPlan plan = plan();
        // What the engine has to say of the lock, the run says better: what becomes of COMMAND.
        ReportLoggerFinder.leaveOutEngine();
        Path file = CommandPath.check(plan.command(), environment.getOrDefault("PATH", "/usr/bin:/bin"));
        warnOfAnotherUser(file, report);
        return new Run(plan, () -> open(report), report).execute();
    }

    /** Of a program whose file makes it another user's, whom this one may not kill (rule TO-6). */
    private static void warnOfAnotherUser(Path file, Report report) {
        if (CommandPath.becomesAnotherUser(file)) {
            report.say(
                    Report.Weight.NOTICE,
                    "warning",
                    "'" + file
                            + "' becomes another user, whose processes holdfast may not kill: when the lock is lost"
                            + " they run on. Put holdfast behind it, as in: sudo holdfast run NAME -- COMMAND",
                    new Json().with("command", file.toString()));
        }
    }

    private RunPlan plan() {
        LockNames.checked(name);
        if (busyExitCode < 0 || busyExitCode > 255) {
            throw wrong("--conflict-exit-code " + busyExitCode + " is not between 0 and 255");
        }
        Duration least = atLeast == null ? Duration.ZERO : atLeast;
        if (atMost != null && least.compareTo(atMost) > 0) {
            throw wrong(
                    "--at-least " + DurationFormat.show(least) + " is above --at-most " + DurationFormat.show(atMost));
        }
        return new RunPlan(
                name,
                commandLine(),
                CommandEnvironment.of(environment, keepSecrets),
                waiting == null ? Optional.empty() : waiting.asLimit(),
                least,
                Optional.ofNullable(atMost),
                Optional.ofNullable(killAfter),
                busyExitCode);
    }

    private List<String> commandLine() {
        List<String> words = new ArrayList<>(command);
        if (!words.isEmpty() && words.get(0).equals("--")) {
            words.remove(0);
        }
        if (shell != null) {
            if (!words.isEmpty()) {
                throw wrong("give either --shell or COMMAND, not both");
            }
            return List.of("/bin/sh", "-c", shell);
        }
        if (words.isEmpty()) {
            throw wrong("COMMAND is missing: what is to run under lock '" + LockNames.printable(name) + "'?");
        }
        if (words.get(0).startsWith("-")) {
            throw wrong("COMMAND '" + LockNames.printable(words.get(0))
                    + "' looks like an option; options go before NAME, and a"
                    + " command with such a name is given by its path");
        }
        return words;
    }

    private static ToolException wrong(String message) {
        return new ToolException(ExitCode.USAGE, message);
    }
}
