// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directories of the names of locks: one a name while somebody holds or waits, and several inside each other for a long one. */
final class NameDirectories {
    private static final System.Logger LOG = System.getLogger(NameDirectories.class.getName());

    private final Path names;
    private final NameCodec codec;
    private final FileModes modes;
    private final Step.Observer steps;

    NameDirectories(Path names, NameCodec codec, FileModes modes, Step.Observer steps) {
        this.names = names;
        this.codec = codec;
        this.modes = modes;
        this.steps = steps;
    }

    Path of(String name) {
        return codec.resolve(names, name);
    }

    /** Null when no name of ours is stored so. */
    @Nullable
    String name(Path directory) {
        return codec.decode(names, directory);
    }

    /** Makes a file of a name look used now, and the directories it is in. */
    void touch(Path file) {
        for (Path at = file; !at.equals(names); at = LockDirectory.directory(at)) {
            FileModes.touch(at);
        }
    }

    /** Makes the directory of a name, and those above it that a long name has. */
    void make(Path directory) throws IOException {
        Path at = names;
        for (Path step : names.relativize(directory)) {
            at = at.resolve(step);
            modes.makeDirectory(at);
        }
        steps.reached(Step.NAME_MADE);
    }

    /** Removes a name's directory, and those above it that a long name had, as far as they are empty. */
    void prune(Path directory) {
        try {
            for (Path at = directory; !at.equals(names); at = LockDirectory.directory(at)) {
                Files.deleteIfExists(at);
            }
        } catch (DirectoryNotEmptyException e) {
            // in use
        } catch (IOException e) { // what was decided before this stands: whoever comes next tidies up
            LOG.log(System.Logger.Level.DEBUG, "an empty directory was left", e);
        }
    }

    /** The directories of all names that have one. */
    List<Path> used() throws IOException {
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
}
