// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The sessions of a directory of locks. Each has a directory: {@code lock}, locked while its process lives; {@code
 * info}, who it is; {@code beat}, when it last renewed; {@code ring-…}, made by whoever sees that a contender's turn has come.
 *
 * <p>All but {@link #takeRings} runs under the directory's mutex.
 */
final class SessionFiles {
    private static final System.Logger LOG = System.getLogger(SessionFiles.class.getName());
    private static final String LOCK = "lock";
    private static final String INFO = "info";
    private static final String BEAT = "beat";
    private static final String RING = "ring-";
    private static final String OPENING = "opening-";
    private static final Pattern SESSION = Pattern.compile("(" + OPENING + ")?[0-9a-f]{16}");
    private static final int LOCK_ATTEMPTS = 1_000;

    private final Path sessions;
    private final FileModes modes;
    private final HostClock clock;
    private final Step.Observer steps;
    private final SecureRandom random = new SecureRandom();

    /**
     * Who a session is.
     *
     * @param identity of its process, see {@link ProcessIdentity}
     * @param lease how long it may be silent and keep its places in line
     * @param label for people
     */
    record Info(String identity, Duration lease, String label) {
        static final Info NONE = new Info(ProcessIdentity.UNKNOWN, Duration.ZERO, "(its process died)");
    }

    SessionFiles(Path sessions, FileModes modes, HostClock clock, Step.Observer steps) {
        this.sessions = sessions;
        this.modes = modes;
        this.clock = clock;
        this.steps = steps;
    }

    /**
     * Makes a session's directory whole under another name and then gives it its own. Who sweeps at this moment, because the mutex was
     * freed behind our back, may take the one that is being made for a dead one's and empty it; under its own name it is
     * locked and described from the start, and if it is not whole then, it was never a session.
     */
    OpenSession open(String label, Duration lease) throws IOException {
        String id = Mark.hex(random.nextLong());
        Path made = sessions.resolve(OPENING + id);
        Path directory = sessions.resolve(id);
        modes.makeDirectory(made);
        steps.reached(Step.SESSION_DIRECTORY_MADE);
        Path lock = made.resolve(LOCK);
        modes.makeFile(lock);
        steps.reached(Step.SESSION_LOCK_MADE);
        OpenSession session = OpenSession.of(id, directory, fileKey(lock), () -> locked(lock));
        try {
            steps.reached(Step.SESSION_LOCKED);
            write(made.resolve(INFO), String.join("\n", ProcessIdentity.own(), lease.toString(), label) + "\n");
            write(made.resolve(BEAT), Mark.hex(clock.millis()));
            steps.reached(Step.SESSION_DESCRIBED);
            Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
            steps.reached(Step.SESSION_OPENED);
            if (!isIntact(session) || info(id).equals(Info.NONE) || Files.notExists(directory.resolve(BEAT))) {
                throw new IOException("the files of a session were removed while it was opened");
            }
            return session;
        } catch (Throwable e) { // nothing may stay locked that nobody knows of
            abandon(session, made, e);
            throw e;
        }
    }

    private void abandon(OpenSession session, Path made, Throwable why) {
        try {
            remove(made);
            abandon(session);
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private static FileChannel locked(Path lock) throws IOException {
        FileChannel channel = FileChannel.open(
                lock, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        try {
            for (int i = 0; i < LOCK_ATTEMPTS; i++) {
                if (channel.tryLock() != null) {
                    OpenSession.markOpen(channel);
                    return channel;
                }
                Thread.onSpinWait(); // something outside, a backup perhaps, has it for a moment
            }
            throw new IOException("cannot lock " + lock + ": another process keeps it locked");
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Writes down that the session's client runs. In place, so that a full disk has room for it. */
    void beat(OpenSession session) throws IOException {
        session.register();
        write(session.directory.resolve(BEAT), Mark.hex(clock.millis()));
    }

    /** Whether the session's file is still the one that this process has locked. */
    boolean isIntact(OpenSession session) throws IOException {
        try {
            return session.fileKey.equals(fileKey(session.directory.resolve(LOCK)));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Makes the session's files look used now, but for the one that is locked. */
    void touch(OpenSession session) {
        for (Path path : List.of(
                sessions, session.directory, session.directory.resolve(INFO), session.directory.resolve(BEAT))) {
            FileModes.touch(path);
        }
    }

    /** One that cannot be removed stays open: its client asks again. */
    void close(OpenSession session) throws IOException {
        remove(session.directory);
        session.free();
    }

    /** Ends a session even if it cannot be removed: nobody asks again. */
    void abandon(OpenSession session) throws IOException {
        try {
            remove(session.directory);
        } finally {
            session.free();
        }
    }

    /**
     * Whether the session lives: its lock is taken, or has gone astray while its process runs. Of this very process nothing goes astray:
     * what nobody has locked in this JVM has ended.
     */
    boolean isAlive(String id) throws IOException {
        Path lock = sessions.resolve(id).resolve(LOCK);
        String key;
        try {
            key = fileKey(lock);
        } catch (NoSuchFileException e) {
            return false;
        }
        String own = id.startsWith(OPENING) ? id.substring(OPENING.length()) : id;
        if (OpenSession.isOpenHere(own, key)) {
            return true;
        }
        LockProbe.Answer answer = LockProbe.of(lock, key);
        return answer == LockProbe.Answer.LOCKED || (answer == LockProbe.Answer.FREE && isProvenAlive(info(id)));
    }

    private static boolean isProvenAlive(Info info) throws IOException {
        return ProcessIdentity.isRunning(info.identity())
                && !ProcessIdentity.own().equals(info.identity());
    }

    /** Whether the client has not renewed for its whole lease: a process that is stopped loses its places in line. */
    boolean isSilent(String id) throws IOException {
        Optional<String> beat = read(sessions.resolve(id).resolve(BEAT));
        if (beat.isEmpty() || !beat.get().matches("[0-9a-f]{16}")) {
            return false; // being written just now
        }
        long silent = clock.millis() - Long.parseUnsignedLong(beat.get(), 16);
        return silent >= info(id).lease().toMillis();
    }

    Info info(String id) throws IOException {
        Optional<String> text = read(sessions.resolve(id).resolve(INFO));
        String[] lines = text.orElse("").split("\n", 3);
        if (lines.length != 3) {
            return Info.NONE; // its process died before it wrote this
        }
        return new Info(lines[0], Duration.parse(lines[1]), lines[2].strip());
    }

    /** Tells a contender that its turn may have come. A hint: without it the contender finds out by itself, later. */
    void ring(String id, long contender) throws IOException {
        try {
            modes.makeFile(sessions.resolve(id).resolve(RING + Mark.hex(contender)));
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            // rung before and not yet heard, or gone
        }
    }

    /** The contenders that were rung for. Removed before they are looked after, so that no later ring is lost. */
    static List<Long> takeRings(OpenSession session) throws IOException {
        List<Long> rung = new ArrayList<>();
        try (DirectoryStream<Path> rings = Files.newDirectoryStream(session.directory, RING + "*")) {
            for (Path ring : rings) {
                String id = NameCodec.last(ring).substring(RING.length());
                if (id.matches("[0-9a-f]{16}") && Files.deleteIfExists(ring)) {
                    rung.add(Long.parseUnsignedLong(id, 16));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of(); // somebody emptied the directory: the next renewal finds the session lost
        }
        return rung;
    }

    /** Removes the sessions of dead processes. Returns how many. What cannot be removed is left, and keeps nobody from anything. */
    int sweep() throws IOException {
        int dead = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(sessions)) {
            for (Path directory : all) {
                String id = NameCodec.last(directory);
                if (SESSION.matcher(id).matches() && isDead(id)) {
                    dead++;
                    try {
                        remove(directory);
                    } catch (IOException e) {
                        LOG.log(System.Logger.Level.WARNING, "the files of a dead process are left in " + directory, e);
                    }
                }
            }
        }
        return dead;
    }

    /** Not when that cannot be told: its lock file is somebody else's, say. */
    private boolean isDead(String id) {
        try {
            return !isAlive(id);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot tell whether session " + id + " in " + sessions + " lives", e);
            return false;
        }
    }

    /** The files of known names first: that needs no file descriptor, and without the lock file the session is dead. */
    private static void remove(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            FileModes.requireDirectory(directory);
            for (String name : List.of(LOCK, INFO, BEAT)) {
                Files.deleteIfExists(directory.resolve(name));
            }
        }
        while (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            FileModes.requireDirectory(directory);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            try {
                Files.deleteIfExists(directory);
            } catch (DirectoryNotEmptyException e) {
                // rung in between: once more
            }
        }
    }

    private void write(Path file, String text) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            modes.makeFile(file);
        }
        Files.write(file, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Empty when the file is not there. Any other failure is one: too many open files say nothing about who lives. */
    private static Optional<String> read(Path file) throws IOException {
        try {
            FileModes.requireFile(file);
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String fileKey(Path file) throws IOException {
        return String.valueOf(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
    }
}
