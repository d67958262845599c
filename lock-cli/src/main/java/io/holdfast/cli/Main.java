// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import io.holdfast.spi.DurationFormat;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The command line {@code holdfast}. */
public final class Main {
    /** What Java makes of bytes that are no text in UTF-8; what they were is lost. */
    private static final String NO_TEXT = "\uFFFD";

    private final Stores stores;
    private final Map<String, String> environment;

    Main(Stores stores, Map<String, String> environment) {
        this.stores = stores;
        this.environment = environment;
    }

    /**
     * Runs one command and ends the virtual machine with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        Printed.install();
        System.exit(new Main(new ConfiguredStores(), System.getenv()).run(args));
    }

    /** Runs one command and returns its exit code; may be called again. */
    int run(String... args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        CommandLine line = new CommandLine(new HoldfastCommand(out));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        for (int i = 0; i < args.length; i++) {
            if (args[i].contains(NO_TEXT)) { // another file would be meant, or another lock (rule TO-5)
                return WrongUse.tell(
                        line.getErr(),
                        "argument " + (i + 1) + " is no text in UTF-8: '" + args[i] + "'",
                        "holdfast --help");
            }
        }
        Map<String, Supplier<StoreCommand>> commands = commands(out);
        String[] words = args.length > 0 && args[0].equals("help") ? help(args, commands) : args;
        // Building one is a good part of the start: when its name comes first, the others cannot be meant.
        Supplier<StoreCommand> first = words.length == 0 ? null : commands.get(words[0]);
        (first == null ? commands.values() : List.of(first)).forEach(command -> line.addSubcommand(command.get()));
        line.getCommandSpec().addOption(help());
        line.getSubcommands().values().forEach(command -> command.getCommandSpec()
                .addOption(help()));
        line.registerConverter(Duration.class, Main::duration);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(out);
        line.setParameterExceptionHandler(WrongUse::tell);
        // COMMAND's arguments are its own: none of them is a file of arguments, and none an option of ours.
        line.setExpandAtFiles(false);
        CommandLine run = line.getSubcommands().get("run");
        if (run != null) {
            run.setStopAtPositional(true);
        }
        Optional<String> foreign =
                words.length > 0 && words[0].equals("run") ? ForeignOptions.advice(words) : Optional.empty();
        if (foreign.isPresent()) {
            return WrongUse.tell(line.getErr(), foreign.get(), "holdfast run --help");
        }
        return line.execute(words);
    }

    /** {@code help COMMAND} as the option that it means; what else is there is no matter. */
    private static String[] help(String[] args, Map<String, ?> commands) {
        if (args.length == 1) {
            return new String[] {"--help"};
        }
        return commands.containsKey(args[1]) ? new String[] {args[1], "--help"} : new String[] {args[1]};
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build();
    }

    private Map<String, Supplier<StoreCommand>> commands(PrintWriter out) {
        Map<String, Supplier<StoreCommand>> commands = new LinkedHashMap<>();
        commands.put("run", () -> new RunCommand(stores, environment));
        commands.put("status", () -> new StatusCommand(stores, out));
        commands.put("list", () -> new ListCommand(stores, out));
        commands.put("release", () -> new ReleaseCommand(stores, out));
        commands.put("doctor", () -> new DoctorCommand(stores, out));
        commands.put("ddl", () -> new DdlCommand(stores, out));
        commands.put("tck", () -> new TckCommand(stores, out));
        return commands;
    }

    private static Duration duration(String text) {
        try {
            return DurationFormat.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new TypeConversionException("'" + LockNames.printable(text) + "' " + malformed.getMessage());
        }
    }
}
