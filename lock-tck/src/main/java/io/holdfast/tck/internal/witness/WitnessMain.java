// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.tck.internal.witness.Witness.Stays;
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
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A process with a client of its own, one after the other, that does what the lines of its standard input say, and ends with them.
 *
 * <p>Arguments, if any: the store's URL, then settings as {@code KEY=VALUE}, {@code label} among them. Or all of that, or more, comes by
 * its input, before it is told to open; after {@link #CLOSE} the next client's. Answers go to standard output, one line a command.
 */
public final class WitnessMain {
    /** The end of the settings. */
    public static final String OPEN = "open";

    /** The end of a client, and the beginning of the next one's settings. */
    public static final String CLOSE = "close";

    /** The answer to it. */
    public static final String CLOSED = "closed";

    /** The end of the program's main method, without a close, as when it throws. */
    public static final String FORGET = "forget";

    private static final String URL = "url";
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
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        LockConfig config = args.length == 0 ? null : given(args);
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (!line.equals(OPEN)) {
                config = told(config, line.split(" ", 3));
                continue;
            }
            line = serve(Objects.requireNonNull(config, "no url was told"), commands, answers);
            if (FORGET.equals(line)) {
                return;
            } else if (line == null) {
                break;
            }
            config = null;
        }
        // A witness's thread may be waiting still; the end of input is the end of the process.
        Runtime.getRuntime().halt(0);
    }

    private static LockConfig given(String[] args) {
        LockConfig config = LockConfig.of(args[0]).with("trust-url", "true");
        for (String setting : List.of(args).subList(1, args.length)) {
            int equals = setting.indexOf('=');
            config = set(config, setting.substring(0, equals), setting.substring(equals + 1));
        }
        return config;
    }

    private static LockConfig told(@Nullable LockConfig config, String[] parts) {
        String value = new String(Base64.getDecoder().decode(parts[parts.length - 1]), StandardCharsets.UTF_8);
        return parts[0].equals(URL)
                ? given(new String[] {value})
                : set(Objects.requireNonNull(config, "no url was told"), parts[1], value);
    }

    private static LockConfig set(LockConfig config, String key, String value) {
        return key.equals("label") ? config.withLabel(value) : config.with(key, value);
    }

    /** One client's life; what ended it, null for the end of the input. */
    private static @Nullable String serve(LockConfig config, BufferedReader commands, PrintStream answers)
            throws Exception {
        WitnessMain main = new WitnessMain(LockClient.open(config), answers);
        String line = CLOSE;
        try {
            answers.println("ready");
            line = main.obey(commands);
        } finally {
            if (!FORGET.equals(line)) {
                main.witnesses.forEach(Witness::stop);
                main.client.close();
            }
        }
        if (CLOSE.equals(line)) {
            main.join(); // whoever waited does no more, now that its client is closed
            answers.println(CLOSED);
        }
        return line;
    }

    private @Nullable String obey(BufferedReader commands) throws Exception {
        String line = commands.readLine();
        while (line != null && !line.equals(CLOSE) && !line.equals(FORGET)) {
            obey(line.split(" "));
            line = commands.readLine();
        }
        return line;
    }

    /** The command that tells the URL, which may have secrets. */
    public static String url(String url) {
        return URL + " " + encoded(url);
    }

    /** The command that hands over a setting, whatever is in its value. */
    public static String setting(String key, String value) {
        return SETTING + " " + key + " " + encoded(value);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
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

    /**
     * {@code witness ID LOCK JOURNAL COUNTER GUARDED LONGEST-MILLIS SEED}: runs a witness until the process ends. It runs for as long
     * as leases take to end, beside others: each stay takes time, so that they contend without pause but not at the cost of the machine,
     * and a process that is killed or stopped is mostly one that holds.
     */
    private void witness(String[] parts) throws IOException {
        Task task = new Task(
                parts[1],
                parts[2],
                Path.of(parts[3]),
                Path.of(parts[4]),
                Boolean.parseBoolean(parts[5]),
                new Stays(1, Duration.ofMillis(Long.parseLong(parts[6]))),
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
        join();
        answers.println("resting");
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
