// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of {@code file:}: how processes of one host take turns by means of a directory.
 *
 * <p>What is where, below the directory of the prefix:
 *
 * <pre>
 * mutex                               empty; OS-locked by whoever changes something
 * token                               the last token given; stays
 * sessions/S/lock                     empty; OS-locked as long as the process of session S lives
 * sessions/S/info, beat, ring-C       who S is, when it last renewed, "look after contender C"
 * names/NAME/place-N-S-C              contender C of session S is the N-th in line; empty
 * names/NAME/holder-T-S-C             it holds, with token T; empty
 * names/NAME/unclean-T-M              the holder with token T was first seen dead at M, the host's uptime; empty
 * </pre>
 *
 * <p>A hold is valid while its holder file is there and its session's process lives. Every change but a removal is made under the
 * mutex, and a process may die, or be killed, after each of these steps:
 *
 * <ol>
 *   <li><b>Open a session:</b> make its directory, make the lock file, lock it, write who it is. A session that died on the way
 *       has no locked file, nothing of a name's refers to it, and the next to open a session removes it.
 *   <li><b>Contend:</b> make the name's directory; look. Nobody holds and nobody alive is in line: take a token (see {@link
 *       TokenFile}), make the holder file. Else make a place file, its number one above the last. Dying before that leaves at most
 *       an empty directory, which the next contender for the name uses and removes, and a token that nobody gets. Dying after it
 *       is the death of a holder or a waiter.
 *   <li><b>Take one's turn,</b> when the holder file is gone and all places before one's own are of dead or silent sessions: take
 *       a token, rename the place file to the holder file. There is no moment without either, and none with both.
 *   <li><b>Release:</b> remove the holder file. This alone frees the lock, needs no room on a full disk, and hits no other
 *       grant, as token and contender are in the name. Then ring for the first in line, then remove the directory if it is
 *       empty. Dying in between costs the next in line the interval at which it looks by itself.
 *   <li><b>Withdraw:</b> the same with the place file.
 *   <li><b>Death of a holder:</b> its file stays and its session's lock is free. Whoever sees that first makes the unclean mark.
 *       The lock counts as taken until {@code crash-grace} after that mark, whoever looks and however often: the time is in the
 *       mark, on a clock that all processes share. Then the holder file goes, and then the mark, which without its holder says
 *       nothing.
 *   <li><b>Death of a waiter:</b> its place is removed by whoever comes to it. <b>Silence of a waiter,</b> stopped perhaps, for its
 *       whole lease: the same; it finds out, and contends anew.
 * </ol>
 *
 * <p>Not thread-safe: a {@link FileStore} calls it on one thread.
 */
final class LockDirectory {
    private final HostClock clock;
    private final Step.Observer steps;
    private final Bell bell;
    private final long graceMillis;
    private final FileModes modes;
    private final Path root;
    private final Path names;
    private final DirectoryMutex mutex;
    private final TokenFile tokens;
    private final SessionFiles sessions;
    private final NameCodec codec;

    /** Whether something of a dead or silent session was removed since its own directory was looked for. */
    private boolean met;

    /**
     * What is outside of a directory, and a test exchanges.
     *
     * @param clock of the host
     * @param steps who is told of each step
     */
    record Surroundings(HostClock clock, Step.Observer steps) {
        static Surroundings system() {
            return new Surroundings(HostClock.system(), Step.Observer.NONE);
        }
    }

    /**
     * What became of a contender.
     *
     * @param file its own; null when it has none (any more)
     * @param token 0 while it does not hold
     * @param before how many are in line before it
     */
    record Turn(@Nullable Path file, long token, int before) {
        static final Turn NONE = new Turn(null, 0, 0);

        boolean holds() {
            return token != 0;
        }
    }

    /** How to tell a contender of the same {@link FileStore} that its turn may have come, without a file. */
    @FunctionalInterface
    interface Bell {
        /** Returns whether the session is one of the store's. */
        boolean ring(String session, long contender);
    }

    LockDirectory(FileSettings settings, Surroundings surroundings, Bell bell) throws IOException {
        this.clock = surroundings.clock();
        this.steps = surroundings.steps();
        this.bell = bell;
        graceMillis = settings.crashGrace().toMillis();
        modes = new FileModes(settings.shared());
        Path directory = new DirectoryGuard(settings).open();
        root = directory.resolve(new NameCodec(true).encode(settings.prefix()));
        modes.makeDirectory(root);
        names = root.resolve("names");
        modes.makeDirectory(names);
        modes.makeDirectory(root.resolve("sessions"));
        codec = new NameCodec(Files.exists(root.resolve("NAMES"))); // the same directory when A is taken for a
        mutex = new DirectoryMutex(root.resolve("mutex"), modes, settings.patience());
        tokens = new TokenFile(root.resolve("token"), modes, steps);
        sessions = new SessionFiles(root.resolve("sessions"), modes, clock, steps);
    }

    OpenSession open(String label, Duration lease) throws IOException {
        return section(() -> {
            if (sessions.sweep() > 0) {
                for (Path directory : used()) {
                    settle(FileLine.read(directory));
                }
            }
            return sessions.open(label, lease);
        });
    }

    boolean isIntact(OpenSession session) {
        return sessions.isIntact(session);
    }

    void beat(OpenSession session) throws IOException {
        sessions.beat(session);
    }

    void close(OpenSession session) throws IOException {
        section(() -> {
            sessions.close(session);
            return true;
        });
    }

    /** A contender comes: it holds, has a place, or, when it does not want one, nothing. */
    Turn contend(OpenSession session, String name, long contender, boolean enqueue) throws IOException {
        return section(() -> {
            if (enqueue) {
                sessions.beat(session); // an idle session may not have renewed for long, and is no silent one
            }
            Path directory = make(name);
            try {
                FileLine line = FileLine.read(directory);
                Mark place = Mark.place(line.nextPlace(), session.id, contender);
                if (isFree(line, null)) {
                    Path file = line.file(place.granted(tokens.next()));
                    modes.makeFile(file);
                    steps.reached(Step.HOLDER_RECORDED);
                    return turn(file);
                }
                if (!enqueue) {
                    return Turn.NONE;
                }
                modes.makeFile(line.file(place));
                return new Turn(line.file(place), 0, line.places().size());
            } finally {
                prune(directory);
            }
        });
    }

    /** A contender looks whether its turn has come. */
    Turn look(Path file) throws IOException {
        return section(() -> {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Turn.NONE;
            }
            Mark place = parse(file);
            if (place.kind() == Mark.Kind.HOLDER) {
                return turn(file);
            }
            FileLine line = FileLine.read(directory(file));
            if (!isFree(line, place)) {
                return new Turn(file, 0, line.places().indexOf(place));
            }
            Path holder = line.file(place.granted(tokens.next()));
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis())); // "since", for people
            Files.move(file, holder, StandardCopyOption.ATOMIC_MOVE);
            steps.reached(Step.HOLDER_RECORDED);
            return turn(holder);
        });
    }

    private static Turn turn(Path holder) throws IOException {
        return new Turn(holder, parse(holder).number(), 0);
    }

    /** Removes a contender's file: a release or a withdrawal. Returns whether it was there. */
    boolean leave(Path file) throws IOException {
        boolean removed = Files.deleteIfExists(file);
        steps.reached(Step.RECORD_REMOVED);
        return removed;
    }

    /** After a removal: wakes the next in line and tidies up. */
    void pass(Path file) throws IOException {
        section(() -> {
            settle(FileLine.read(directory(file)));
            return true;
        });
    }

    boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    StoredLock inspect(String name) throws IOException {
        return section(() -> {
            FileLine line = FileLine.read(codec.resolve(names, name));
            settle(line);
            return describe(name, line);
        });
    }

    List<StoredLock> list() throws IOException {
        return section(() -> {
            List<StoredLock> found = new ArrayList<>();
            for (Path directory : used()) {
                FileLine line = FileLine.read(directory);
                settle(line);
                String name = codec.decode(names, directory);
                if (name != null && line.contenders() > 0) {
                    found.add(describe(name, line));
                }
            }
            return found;
        });
    }

    ForceOutcome forceRelease(String name, OptionalLong storeToken) throws IOException {
        return section(() -> {
            FileLine line = FileLine.read(codec.resolve(names, name));
            settle(line);
            Mark holder = line.holder();
            if (holder == null) {
                return ForceOutcome.NOT_HELD;
            }
            if (storeToken.isPresent() && storeToken.getAsLong() != holder.number()) {
                return ForceOutcome.MOVED_ON;
            }
            line.remove(holder);
            settle(line);
            return ForceOutcome.RELEASED;
        });
    }

    private StoredLock describe(String name, FileLine line) throws IOException {
        Mark holder = line.holder();
        if (holder == null) {
            return StoredLock.free(name, line.contenders());
        }
        long since = Files.getLastModifiedTime(line.file(holder), LinkOption.NOFOLLOW_LINKS)
                .toMillis();
        String label = sessions.info(holder.session()).label();
        return new StoredLock(name, holder.number(), label, since, line.contenders());
    }

    /** Removes what the dead have left, rings for the first in line when nobody holds, and removes the directory when empty. */
    private void settle(FileLine line) throws IOException {
        isFree(line, null);
        steps.reached(Step.NEXT_RUNG);
        prune(line.directory);
        steps.reached(Step.NAME_REMOVED);
    }

    /**
     * Whether the lock is there for whoever is at a place, or for a new contender. Who is in its way and alive is rung for: it
     * may have missed its turn.
     *
     * @param place the asker's own; null for one that has none
     */
    private boolean isFree(FileLine line, @Nullable Mark place) throws IOException {
        if (isHeld(line)) {
            return false;
        }
        for (Mark first : line.places()) {
            if (first.equals(place)) {
                return true;
            }
            if (sessions.isAlive(first.session()) && !sessions.isSilent(first.session())) {
                if (!bell.ring(first.session(), first.contender())) {
                    sessions.ring(first.session(), first.contender());
                }
                return false;
            }
            line.remove(first);
            met = true;
        }
        return true;
    }

    /** Whether somebody holds, or held until its process died less than the crash grace ago. */
    private boolean isHeld(FileLine line) throws IOException {
        for (Mark holder = line.holder(); holder != null; holder = line.holder()) {
            boolean alive = sessions.isAlive(holder.session());
            if (alive || !isGraceOver(line, holder)) {
                forget(line, alive ? -1 : holder.number());
                return true;
            }
            line.remove(holder);
            met = true;
        }
        forget(line, -1);
        return false;
    }

    /** The grace begins with the first mark of this very holder; one from before a restart of the host begins anew. */
    private boolean isGraceOver(FileLine line, Mark holder) throws IOException {
        long now = clock.millis();
        long seen = -1;
        for (Mark mark : line.unclean()) {
            if (mark.number() == holder.number() && mark.millis() <= now) {
                seen = Math.max(seen, mark.millis());
            }
        }
        if (seen < 0) {
            modes.makeFile(line.file(Mark.unclean(holder.number(), now)));
            seen = now;
        }
        return now - seen >= graceMillis;
    }

    /** Removes the unclean marks that say nothing any more: all but those of the holder with this token. */
    private static void forget(FileLine line, long token) throws IOException {
        for (Mark mark : line.unclean()) {
            if (mark.number() != token) {
                line.remove(mark);
            }
        }
    }

    /** Makes the directory of a name, and those above it that a long name has. */
    private Path make(String name) throws IOException {
        Path directory = codec.resolve(names, name);
        Path at = names;
        for (Path step : names.relativize(directory)) {
            at = at.resolve(step);
            modes.makeDirectory(at);
        }
        steps.reached(Step.NAME_MADE);
        return directory;
    }

    /** Removes a name's directory, and those above it that a long name had, as far as they are empty. */
    private void prune(Path directory) throws IOException {
        try {
            for (Path at = directory; !at.equals(names); at = directory(at)) {
                Files.deleteIfExists(at);
            }
        } catch (DirectoryNotEmptyException e) {
            // in use
        }
    }

    /** The directories of all names that have one. */
    private List<Path> used() throws IOException {
        List<Path> found = new ArrayList<>();
        collect(names, found);
        return found;
    }

    private static void collect(Path directory, List<Path> found) throws IOException {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(directory)) {
            for (Path path : below) {
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    continue; // nothing of ours
                }
                if (NameCodec.isContinued(path)) {
                    collect(path, found);
                } else {
                    found.add(path);
                }
            }
        }
    }

    private static Mark parse(Path file) throws IOException {
        Mark mark = Mark.parse(NameCodec.last(file));
        if (mark == null) {
            throw new IOException(file + " is no file of a lock");
        }
        return mark;
    }

    private static Path directory(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no directory");
        }
        return parent;
    }

    /** Runs a step alone in the directory, whose own parts must be what they were. */
    private <T> T section(DirectoryMutex.Section<T> step) throws IOException {
        return mutex.hold(() -> {
            FileModes.requireDirectory(root);
            FileModes.requireDirectory(names);
            FileModes.requireDirectory(root.resolve("sessions"));
            T result = step.run();
            if (met) {
                sessions.sweep();
                met = false;
            }
            return result;
        });
    }
}
