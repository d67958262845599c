// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the directory of one name says: who holds, who is in line, since when a dead holder is known to be dead. */
final class FileLine {
    final Path directory;
    private final List<Mark> marks = new ArrayList<>();

    private FileLine(Path directory) {
        this.directory = directory;
    }

    /** Reads a name's directory; one that is not there has nobody. */
    static FileLine read(Path directory) throws IOException {
        FileLine line = new FileLine(directory);
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            FileModes.requireDirectory(directory);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Mark mark = Mark.parse(NameCodec.last(file));
                    if (mark != null) {
                        line.marks.add(mark);
                    }
                }
            }
            line.marks.sort(Comparator.comparingLong(Mark::number)
                    .thenComparing(Mark::session)
                    .thenComparingLong(Mark::contender)); // the same order for whoever reads
        }
        return line;
    }

    /** The holder, dead or alive. */
    @Nullable
    Mark holder() {
        List<Mark> all = holders();
        return all.isEmpty() ? null : all.get(0);
    }

    /** One at most; more only while several who found the lock free at a time find out about each other. */
    List<Mark> holders() {
        return marks.stream().filter(m -> m.kind() == Mark.Kind.HOLDER).toList();
    }

    /** What a contender has, by whatever number: its hold if there is one, else its place; null when it has nothing. */
    @Nullable
    Mark own(Mark mark) {
        List<Mark> own = marks.stream().filter(m -> m.isOf(mark)).toList();
        return own.stream()
                .filter(m -> m.kind() == Mark.Kind.HOLDER)
                .findFirst()
                .orElse(own.isEmpty() ? null : own.get(0));
    }

    /** The places in line, the first one first. */
    List<Mark> places() {
        return marks.stream().filter(m -> m.kind() == Mark.Kind.PLACE).toList();
    }

    /** The marks about a dead holder; several only if a process died between making and removing. */
    List<Mark> unclean() {
        return marks.stream().filter(m -> m.kind() == Mark.Kind.UNCLEAN).toList();
    }

    int contenders() {
        return (int) marks.stream().filter(m -> m.kind() != Mark.Kind.UNCLEAN).count();
    }

    /** The number of a new last place. */
    long nextPlace() {
        return marks.stream()
                        .filter(m -> m.kind() == Mark.Kind.PLACE)
                        .mapToLong(Mark::number)
                        .max()
                        .orElse(0)
                + 1;
    }

    Path file(Mark mark) {
        return directory.resolve(mark.fileName());
    }

    boolean remove(Mark mark) throws IOException {
        marks.remove(mark);
        return Files.deleteIfExists(file(mark));
    }
}
