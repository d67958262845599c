// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.local.FileBackendProvider;
import io.holdfast.spi.BackendConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code holdfast doctor}. */
@Command(
        name = "doctor",
        description = "Looks whether the store is set up safely for locks, and says what to do about what is not.",
        footer = {
            "",
            "It changes nothing in the store.",
            "",
            "Exit codes: 0 all is well; 1 warnings; 2 unsafe; 3 something could not be",
            "looked at; 69, 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast doctor",
            "  holdfast doctor --json --url file:/var/lib/locks"
        })
final class DoctorCommand extends StoreCommand {
    private final PrintWriter out;

    DoctorCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        List<StoreFinding> findings = diagnose(report);
        if (style() != Report.Style.QUIET) {
            findings.forEach(finding -> answer(out, line(finding), json(finding)));
        }
        return exitCode(findings);
    }

    /** A client of {@code file:} makes the directory that it opens, which a look must not do. */
    private List<StoreFinding> diagnose(Report report) {
        LockConfig config = config(report);
        if (config.uri().filter(uri -> uri.scheme().equals("file")).isPresent()) {
            config.check();
            return new FileBackendProvider().diagnose(BackendConfig.of(config));
        }
        try (LockClient client = LockClient.open(config)) {
            return client.diagnose();
        }
    }

    /** What is unsafe weighs more than what is not known, and that more than a warning. */
    static int exitCode(List<StoreFinding> findings) {
        Set<Verdict> seen = findings.stream().map(StoreFinding::verdict).collect(Collectors.toSet());
        if (seen.contains(Verdict.UNSAFE)) {
            return ExitCode.UNSAFE;
        } else if (seen.contains(Verdict.UNKNOWN)) {
            return ExitCode.NOT_KNOWN;
        }
        return seen.contains(Verdict.WARNING) ? ExitCode.WARNINGS : ExitCode.OK;
    }

    private static String line(StoreFinding finding) {
        String advice = finding.advice().isBlank() ? "" : "; " + finding.advice();
        return String.format(
                Locale.ROOT, "%-7s  %s: %s%s", finding.verdict(), finding.subject(), finding.seen(), advice);
    }

    private static Json json(StoreFinding finding) {
        return new Json()
                .with("verdict", finding.verdict())
                .with("subject", finding.subject())
                .with("seen", finding.seen())
                .with("advice", finding.advice());
    }
}
