// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.StoredLock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * A client of a directory of locks that does what it is told, in words: another process by {@link #main}, or another class loader
 * of this one as a {@code UnaryOperator<String>}, a type that both sides share.
 */
public final class FilePuppet implements UnaryOperator<String> {
    private static final int PHASE = 10;
    private static final long STAY = 2_000_000;
    private static final long READER_PAUSE = 500_000;

    private final Map<String, Contender> contenders = new HashMap<>();
    private final Map<String, Grant> grants = new HashMap<>();
    private volatile String haltAt = "";
    private volatile String pauseAt = "";
    private volatile Path goOn = Path.of("");
    private Path directory;
    private FileBackend backend;
    private Client client;

    /** Reads commands line by line, and answers each with a line. */
    public static void main(String[] args) throws IOException {
        FilePuppet puppet = new FilePuppet();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(puppet.apply(line));
        }
        System.exit(0);
    }

    @Override
    public String apply(String command) {
        String[] words = command.split(" ", 3);
        String word = words.length > 1 ? words[1] : "";
        try {
            return switch (words[0]) {
                case "connect" -> connect(Path.of(word));
                case "halt-at" -> haltAt(word);
                case "pause-at" -> pauseAt(word, Path.of(words[2]));
                case "read-on" -> readOn();
                case "open" -> open(Duration.parse(word));
                case "take" -> Long.toString(keep(word, client.take(word)));
                case "try" -> attempt(word);
                case "queue" -> queue(word);
                case "granted" ->
                    Long.toString(keep(word, Client.await(contenders.get(word).granted())));
                case "release" -> Boolean.toString(client.release(grants.remove(word)));
                case "storm" -> storm(Path.of(word), Integer.parseInt(words[2]));
                case "renew" -> renew();
                case "inspect" ->
                    Long.toString(Client.await(backend.inspect(word)).storeToken());
                case "list" ->
                    Client.await(backend.list()).stream()
                            .map(StoredLock::name)
                            .sorted()
                            .toList()
                            .toString();
                case "read-all" -> readAll();
                case "replace-properties" -> replaceProperties();
                case "is-locked" -> isLocked(word);
                case "close" -> close();
                default -> "unknown command " + command;
            };
        } catch (IOException | RuntimeException | AssertionError e) {
            return "failed: " + e;
        }
    }

    private String connect(Path path) {
        directory = path;
        backend =
                FileFixture.backend(path, new LockDirectory.Surroundings(HostClock.system(), FilePuppet.this::reached));
        return "connected";
    }

    private String haltAt(String step) {
        haltAt = step;
        return step;
    }

    private String pauseAt(String step, Path file) {
        goOn = file;
        pauseAt = step;
        return step;
    }

    /** Opens and closes every file of the directory from now on, as an indexer or a backup in this process would. */
    private String readOn() {
        Thread reader = new Thread(() -> {
            while (true) {
                try {
                    readAll();
                } catch (IOException e) {
                    // gone in between
                }
                LockSupport.parkNanos(READER_PAUSE);
            }
        });
        reader.setDaemon(true);
        reader.start();
        return "reading";
    }

    private String open(Duration lease) {
        client = Client.open(backend, "puppet", new ManualRuntime(), lease);
        return client.session.id();
    }

    private String attempt(String name) {
        Contender contender = client.attempt(name);
        return Client.await(contender.answered()) == Contender.Answer.GRANTED
                ? Long.toString(keep(name, Client.await(contender.granted())))
                : "busy";
    }

    private String queue(String name) {
        Contender contender = client.queue(name);
        contenders.put(name, contender);
        return Client.await(contender.answered()).toString();
    }

    private String renew() {
        LockSession session = client.session;
        return Client.await(session.renew(List.copyOf(contenders.values())))
                .statuses()
                .values()
                .toString();
    }

    /** What became of one that has no grant is what a failed test must say. */
    private static Grant granted(Contender contender) {
        Grant grant = Client.await(contender.granted());
        if (grant == null) {
            throw new IllegalStateException(
                    "no grant; it was answered " + Client.await(contender.answered()) + ", then it was passed over");
        }
        return grant;
    }

    /** Takes a lock again and again, and works under it on a file as only one at a time may. */
    private String storm(Path file, int rounds) throws IOException {
        CriticalSection section = new CriticalSection(file);
        for (int i = 0; i < rounds; i++) {
            Grant grant = i / PHASE % 2 == 0 ? seize("storm") : granted(client.queue("storm"));
            section.enter(grant.storeToken());
            LockSupport.parkNanos(STAY); // work: two who are in at the same time must meet
            section.leave();
            client.release(grant);
            client.renew();
        }
        return "done";
    }

    /** Without a place in line: all that do this at a time race for the moment when the lock is free. */
    private Grant seize(String name) {
        while (true) {
            Grant grant = Client.await(client.attempt(name).granted());
            if (grant != null) {
                return grant;
            }
        }
    }

    /** Whether the lock of a session, of whatever process, is taken as another process sees it. */
    private String isLocked(String session) throws IOException {
        Path lock =
                FileFixture.root(directory).resolve("sessions").resolve(session).resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            return Boolean.toString(channel.tryLock() == null);
        }
    }

    private long keep(String name, Grant grant) {
        grants.put(name, grant);
        return grant.storeToken();
    }

    /** What somebody may do who does not know what closing a descriptor does to a lock. */
    private String readAll() throws IOException {
        int files = 0;
        for (String path : FileFixture.tree(directory)) {
            Path file = directory.resolve(path);
            if (Files.isRegularFile(file)) {
                Files.readAllBytes(file);
                files++;
            }
        }
        return Integer.toString(files);
    }

    /** Puts back the properties as they were before, as test frameworks do. */
    private static String replaceProperties() {
        Properties before = new Properties();
        for (String key : System.getProperties().stringPropertyNames()) {
            if (!key.startsWith("io.holdfast.local.")) {
                before.setProperty(key, System.getProperty(key));
            }
        }
        System.setProperties(before);
        return "replaced";
    }

    private String close() {
        if (client != null) {
            Client.await(client.session.close());
        }
        backend.close();
        return "closed";
    }

    /** Says where it is and does not go on, so that whoever reads that can kill the process there, or let it go on. */
    private void reached(Step step) {
        if (step.name().equals(pauseAt)) {
            pauseAt = "";
            System.out.println("at " + step);
            while (!Files.exists(goOn)) {
                LockSupport.parkNanos(READER_PAUSE);
            }
        }
        if (step.name().equals(haltAt)) {
            System.out.println("at " + step);
            while (true) {
                LockSupport.park();
            }
        }
    }
}
