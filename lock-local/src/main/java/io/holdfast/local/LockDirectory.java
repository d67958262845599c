// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The protocol of {@code file:}: how processes of one host take turns by means of a directory.
 *
 * <p>What is where, below the directory of the prefix:
 *
 * <pre>
 * mutex                               OS-locked by whoever changes something
 * token-T                             empty; T is the last token given; stays
 * sessions/S/lock                     OS-locked as long as the process of session S lives
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
 *   <li><b>Open a session:</b> make its directory, {@code opening-S}, make the lock file, lock it, write who it is, give the directory
 *       its name. A session that died on the way has no locked file, nothing of a name's refers to it, and the next to open a
 *       session removes it.
 *   <li><b>Contend:</b> make the name's directory; look. Nobody holds and nobody alive is in line: take a token (see {@link
 *       TokenFile}), make the holder file, confirm it. Else make a place file, its number one above the last. Dying before that leaves at
 *       most an empty directory, which the next contender for the name uses and removes, and a token that nobody gets. Dying after it
 *       is the death of a holder or a waiter.
 *   <li><b>Take one's turn,</b> when the holder file is gone and all places before one's own are of dead or silent sessions: take
 *       a token, rename the place file to the holder file, confirm it. There is no moment without either, and none with both.
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
 * <p>The mutex makes this quick and fair, not safe: a process loses it without notice when anything in it closes a descriptor of
 * the file. Two that are inside at a time are told apart by what the kernel does in one step: a token is renamed by one, a hold
 * counts when it was confirmed (see {@link Turns}), a session's directory is whole before it has its name. A step that
 * fails may have done its work: whoever made it looks by the contender, not by the file, and removes or keeps what is there.
 *
 * <p>Not thread-safe: a {@link FileStore} calls it on one thread.
 */
final class LockDirectory {
    private static final System.Logger LOG = System.getLogger(LockDirectory.class.getName());
    static final long KEEP_MILLIS = 300_000;

    private final HostClock clock;
    private final Path root;
    private final Path names;
    private final DirectoryMutex mutex;
    private final Contest contest;
    private final DirectoryParts parts;
    private final Turns turns;
    private final FileInquiries inquiries;

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

    LockDirectory(FileSettings settings, Surroundings surroundings, Succession.Bell bell) throws IOException {
        clock = surroundings.clock();
        Step.Observer steps = surroundings.steps();
        Path directory =
                new DirectoryGuard(settings).open(); // first: it says what a system without owners and modes is
        FileModes modes = new FileModes(settings.shared(), DirectoryGuard.effectiveUser());
        root = directory.resolve(new NameCodec(true).encode(settings.prefix()));
        modes.makeDirectory(root);
        TokenFile tokens = new TokenFile(root, modes, steps);
        names = root.resolve("names");
        if (!Files.exists(names, LinkOption.NOFOLLOW_LINKS)) {
            tokens.begin(); // before there are names: so a token file that is missing later was lost
        }
        modes.makeDirectory(names);
        modes.makeDirectory(root.resolve("sessions"));
        boolean foldsCase = Files.exists(root.resolve("NAMES")); // the same directory when A is taken for a
        NameDirectories lines = new NameDirectories(names, new NameCodec(foldsCase), modes, steps);
        mutex = new DirectoryMutex(root.resolve("mutex"), modes, settings.patience());
        contest = new Contest(root.resolve("mutex"), settings.patience());
        SessionFiles sessions = new SessionFiles(root.resolve("sessions"), modes, clock, steps);
        Succession succession = new Succession(clock, settings.crashGrace(), modes, sessions, bell);
        parts = new DirectoryParts(modes, tokens, sessions, succession, lines, steps);
        turns = new Turns(parts);
        inquiries = new FileInquiries(parts);
    }

    OpenSession open(String label, Duration lease) throws IOException {
        return section(() -> {
            if (parts.sessions().sweep() > 0) {
                for (Path directory : parts.lines().used()) {
                    parts.settle(FileLine.read(directory));
                }
            }
            OpenSession session = parts.sessions().open(label, lease);
            session.keptAt = clock.millis();
            return session;
        });
    }

    boolean isIntact(OpenSession session) throws IOException {
        return parts.sessions().isIntact(session);
    }

    void beat(OpenSession session) throws IOException {
        parts.sessions().beat(session);
    }

    void close(OpenSession session) throws IOException {
        section(() -> {
            parts.sessions().close(session);
            return true;
        });
    }

    /**
     * Ends a session without the mutex, when that is not to be had: a removal needs none. What it held is a dead one's from now on
     * and stays taken for the grace, also where nothing can be removed: then its lock file says so.
     */
    void abandon(OpenSession session) {
        try {
            parts.sessions().abandon(session);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "session " + session.id + " stays in " + root, e);
        }
    }

    /**
     * Makes a session's files young again, and those that all need. Does so at most once in some minutes.
     *
     * @param others names the session's files in the lines
     */
    void keep(OpenSession session, Consumer<Consumer<Path>> others) throws IOException {
        long now = clock.millis();
        if (now - session.keptAt < KEEP_MILLIS) {
            return;
        }
        session.keptAt = now;
        session.touch();
        mutex.touch();
        parts.sessions().touch(session);
        FileModes.touch(root);
        FileModes.touch(names);
        FileModes.touch(parts.tokens().file(parts.tokens().last()));
        others.accept(parts.lines()::touch);
    }

    /** A contender comes: it holds, has a place, or, when it does not want one, nothing. */
    Turn contend(OpenSession session, String name, long contender, boolean enqueue) throws IOException {
        Mark newcomer = Mark.place(1, session.id, contender);
        return contest.settle(() -> section(() -> {
            if (enqueue) {
                parts.sessions().beat(session); // an idle session may not have renewed for long, and is no silent one
            }
            return turns.contend(parts.lines().of(name), newcomer, enqueue);
        }));
    }

    /**
     * A contender looks whether its turn has come.
     *
     * @param file of its place, or of its hold: a step that failed may have made one of the other
     */
    Turn look(Path file) throws IOException {
        return contest.settle(() -> section(() -> turns.look(file)));
    }

    /** Removes all that a contender has, whatever a step that failed has left of it. Returns whether there was something. */
    boolean erase(OpenSession session, String name, long contender) throws IOException {
        return section(() -> {
            FileLine line = FileLine.read(parts.lines().of(name));
            boolean removed = false;
            Mark wanted = Mark.place(1, session.id, contender);
            for (Mark own = line.own(wanted); own != null; own = line.own(wanted)) {
                removed |= line.remove(own);
            }
            parts.settle(line);
            return removed;
        });
    }

    /** Removes a contender's file: a release or a withdrawal. Returns whether it was there. */
    boolean leave(Path file) throws IOException {
        boolean removed = Files.deleteIfExists(file);
        parts.steps().reached(Step.RECORD_REMOVED);
        return removed;
    }

    /** After a removal: wakes the next in line and tidies up. */
    void pass(Path file) throws IOException {
        section(() -> {
            parts.settle(FileLine.read(directory(file)));
            return true;
        });
    }

    /** Whether a file is surely gone: an error while looking proves nothing. */
    boolean isGone(Path file) {
        return Files.notExists(file, LinkOption.NOFOLLOW_LINKS);
    }

    StoredLock inspect(String name) throws IOException {
        return section(() -> inquiries.inspect(name));
    }

    List<StoredLock> list() throws IOException {
        return section(inquiries::list);
    }

    ForceOutcome forceRelease(String name, OptionalLong storeToken) throws IOException {
        return section(() -> inquiries.forceRelease(name, storeToken));
    }

    /** What a file is in. */
    static Path directory(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no directory");
        }
        return parent;
    }

    /** Runs a step alone in the directory, whose own parts must be what they were. */
    private <T> T section(DirectoryMutex.Section<T> step) throws IOException {
        return mutex.hold(() -> {
            parts.modes().requireOwnDirectory(root);
            parts.modes().requireOwnDirectory(names);
            parts.modes().requireOwnDirectory(root.resolve("sessions"));
            T result = step.run();
            if (parts.succession().hasMet()) {
                try {
                    parts.sessions().sweep();
                } catch (IOException e) { // the step has had its effect, and stands
                    LOG.log(System.Logger.Level.WARNING, "dead sessions are left in " + root, e);
                }
            }
            return result;
        });
    }
}
