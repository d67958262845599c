// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import io.holdfast.spi.Spelling;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with a command line, what is right, and where help is. */
final class WrongUse {
    private WrongUse() {}

    /** Says it on standard error and returns the exit code. */
    static int tell(ParameterException wrong, String[] args) {
        CommandLine line = wrong.getCommandLine();
        String help = line.getCommandSpec().qualifiedName() + " --help";
        return tell(line.getErr(), problem(wrong), help);
    }

    static int tell(PrintWriter err, String problem, String help) {
        err.println("holdfast: " + LockNames.printable(problem) + " (see " + help + ")");
        return ExitCode.USAGE;
    }

    private static String problem(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return unmatched(wrong.getCommandLine(), unmatched.getUnmatched().get(0));
        }
        if (wrong instanceof MissingParameterException missing) {
            return missing.getMissing().stream()
                            .map(CommandLine.Model.ArgSpec::paramLabel)
                            .collect(Collectors.joining(", "))
                    + " is missing";
        }
        return String.valueOf(wrong.getMessage()).replaceFirst("^Error: ", "");
    }

    private static String unmatched(CommandLine line, String argument) {
        boolean first = line.getParent() == null;
        if (argument.startsWith("-")) {
            List<String> options = line.getCommandSpec().options().stream()
                    .flatMap(option -> List.of(option.names()).stream())
                    .toList();
            return "unknown option '" + argument + "'"
                    + (first ? "; options go after the command" : nearest(argument, options));
        }
        return first ? noCommand(line, argument) : "'" + argument + "' is one argument too many";
    }

    private static String noCommand(CommandLine line, String word) {
        Collection<String> commands = line.getSubcommands().keySet();
        List<String> known = new ArrayList<>(commands);
        known.add("help");
        String near = nearest(word, known);
        return "'" + word + "' is no command" + near + (near.isEmpty() ? "; the" : " The") + " commands are "
                + String.join(", ", commands);
    }

    private static String nearest(String word, Collection<String> right) {
        String lower = word.toLowerCase(Locale.ROOT);
        return right.stream()
                .min(Comparator.comparingInt(known -> Spelling.distance(lower, known)))
                .filter(known -> Spelling.distance(lower, known) <= Math.min(2, known.length() / 2))
                .map(known -> "; did you mean '" + known + "'?")
                .orElse("");
    }
}
