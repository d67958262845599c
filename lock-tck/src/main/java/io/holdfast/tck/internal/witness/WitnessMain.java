// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.tck.internal.witness.Witness.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A process with a client of its own that does what the lines of its standard input say, and ends with them.
 *
 * <p>Arguments: the store's URL, then settings as {@code KEY=VALUE}, {@code label} among them. More settings come by its input, before
 * it is told to open. Answers go to standard output, one line a command.
 */
public final class WitnessMain {
    /** The end of the settings. */
    public static final String OPEN = "open";

    private static final String SETTING = "setting";

    private final LockClient client;
    private final PrintStream answers;
    private final List<LockLoss> losses = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Witness> witnesses = new ArrayList<>();
    private @Nullable LockHandle hold;

    private WitnessMain(LockClient client, PrintStream answers) {
        this.client = client;
        this.answers = answers;
    }

    @SuppressWarnings("SystemOut") // the protocol between the kit and its processes
    public static void main(String[] args) throws Exception {
        LockConfig config = LockConfig.of(args[0]).with("trust-url", "true");
        for (String setting : List.of(args).subList(1, args.length)) {
            int equals = setting.indexOf('=');
            String value = setting.substring(equals + 1);
            config = setting.startsWith("label=")
                    ? config.withLabel(value)
                    : config.with(setting.substring(0, equals), value);
        }
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null && !line.equals(OPEN); line = commands.readLine()) {
            String[] parts = line.split(" ", 3);
            config = config.with(parts[1], new String(Base64.getDecoder().decode(parts[2]), StandardCharsets.UTF_8));
        }
        try (LockClient client = LockClient.open(config)) {
            answers.println("ready");
            WitnessMain main = new WitnessMain(client, answers);
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                main.obey(line.split(" "));
            }
        }
        // A witness's thread may be waiting still; the end of input is the end of the process.
        Runtime.getRuntime().halt(0);
    }

    /** The command that hands over a setting, whatever is in its value. */
    public static String setting(String key, String value) {
        return SETTING + " " + key + " " + Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private void obey(String[] command) throws Exception {
        switch (command[0]) {
            case "acquire" -> acquire(command[1]);
            case "valid" -> {
                LockHandle asked = hold;
                answers.println(
                        "valid " + (asked != null && asked.isValid()) + " " + System.nanoTime() + " " + losses.size());
            }
            case "release" -> {
                LockHandle asked = hold;
                answers.println("released " + (asked == null ? "nothing" : asked.release()));
                hold = null;
            }
            case "witness" -> witness(command);
            case "rest" -> rest();
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
        }
    }

    private void acquire(String name) throws InterruptedException {
        LockHandle taken = client.acquire(name);
        taken.onLost(losses::add);
        hold = taken;
        answers.println("held " + taken.fencingToken() + " " + System.nanoTime());
    }

    /** {@code witness ID LOCK JOURNAL COUNTER GUARDED LONGEST-MILLIS SEED}: runs a witness until the process ends. */
    private void witness(String[] parts) throws IOException {
        Task task = new Task(
                parts[1],
                parts[2],
                Path.of(parts[3]),
                Path.of(parts[4]),
                Boolean.parseBoolean(parts[5]),
                Duration.ofMillis(Long.parseLong(parts[6])),
                Integer.MAX_VALUE,
                Long.parseLong(parts[7]));
        Witness witness = new Witness(client, task);
        Thread thread = new Thread(
                () -> {
                    try {
                        witness.call();
                    } catch (Exception e) {
                        answers.println("failed " + e);
                    }
                },
                "witness");
        thread.setDaemon(true);
        thread.start();
        witnesses.add(witness);
        threads.add(thread);
        answers.println("begun");
    }

    /** Ends all witnesses, each after its present attempt; answers when they have ended. */
    private void rest() throws InterruptedException {
        witnesses.forEach(Witness::stop);
        for (Thread thread : threads) {
            thread.join();
        }
        answers.println("resting");
    }
}
