// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * How a contender comes to hold: the steps <i>contend</i> and <i>take one's turn</i> of {@link LockDirectory}. Each is made under the
 * mutex, and is empty when others were there at the same time all the same and it has to be made again.
 */
final class Turns {
    private final DirectoryParts parts;

    Turns(DirectoryParts parts) {
        this.parts = parts;
    }

    /** A contender comes: it holds, has a place, or, when it does not want one, nothing. */
    Optional<Turn> contend(Path directory, Mark newcomer, boolean enqueue) throws IOException {
        try {
            parts.lines().make(directory);
            return enter(directory, newcomer, enqueue);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // the directory was removed at this moment: the mutex was not ours alone
        } finally {
            parts.lines().prune(directory);
        }
    }

    /** A contender with a file, of its place or of its hold, looks whether its turn has come. */
    Optional<Turn> look(Path file) throws IOException {
        FileLine line = FileLine.read(LockDirectory.directory(file));
        Mark own = line.own(Mark.of(file));
        if (own == null) {
            return Optional.of(Turn.NONE);
        }
        if (own.kind() == Mark.Kind.PLACE) {
            return advance(line, own);
        }
        boolean had = Mark.of(file).kind() == Mark.Kind.PLACE;
        return confirm(line, own, had ? file : line.file(own.placed(line.nextPlace())));
    }

    /** Empty when it has to be tried again. */
    private Optional<Turn> enter(Path directory, Mark newcomer, boolean enqueue) throws IOException {
        FileLine line = FileLine.read(directory);
        Mark place = newcomer.placed(line.nextPlace());
        if (parts.succession().isFree(line, null)) {
            Path holder = line.file(place.granted(parts.tokens().next()));
            parts.modes().makeFile(holder);
            parts.steps().reached(Step.HOLDER_RECORDED);
            if (isConfirmed(holder)) {
                return Optional.of(Turn.holding(holder));
            }
            Files.deleteIfExists(holder);
            return Optional.empty();
        }
        if (!enqueue) {
            return Optional.of(Turn.NONE);
        }
        parts.modes().makeFile(line.file(place));
        return Optional.of(new Turn(line.file(place), 0, line.places().size()));
    }

    private Optional<Turn> advance(FileLine line, Mark place) throws IOException {
        Path file = line.file(place);
        if (!parts.succession().isFree(line, place)) {
            return Optional.of(new Turn(file, 0, line.places().indexOf(place)));
        }
        Mark holder = place.granted(parts.tokens().next());
        try {
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis())); // "since", for people
            Files.move(file, line.file(holder), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // passed over at this moment: the mutex was not ours alone
        }
        parts.steps().reached(Step.HOLDER_RECORDED);
        return confirm(line, holder, file);
    }

    /** Empty when the hold was none, and is the place again that it was. */
    private Optional<Turn> confirm(FileLine line, Mark own, Path place) throws IOException {
        Path holder = line.file(own);
        if (isConfirmed(holder)) {
            return Optional.of(Turn.holding(holder));
        }
        Files.move(holder, place, StandardCopyOption.ATOMIC_MOVE);
        return Optional.empty();
    }

    /**
     * Whether a hold that was just recorded is one, for the mutex may have been freed behind our back: anything in this process
     * that closes a descriptor of its file does that, and whoever removes the file. Then two may have found the lock free at a
     * time. Each records first and looks then, so of two the later one sees the other, at the least, and takes its own back. From
     * a record that is alone on, nobody else comes to hold the name; so a token given to an earlier holder is there to be seen, and
     * a token that is not the last one may be smaller than that one's (rules ME-1, FT-1).
     */
    private boolean isConfirmed(Path holder) throws IOException {
        Mark own = Mark.of(holder);
        List<Mark> holders = FileLine.read(LockDirectory.directory(holder)).holders();
        return holders.equals(List.of(own)) && parts.tokens().last() == own.number();
    }
}
