// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.Grant;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last token that was given in a directory: one number for all its names, so that names used once leave nothing.
 *
 * <p>The number is the name of an empty file, {@code token-N}, and a token is taken by renaming it to {@code token-N+1}. Of several
 * who read the same number one renames and the others find the file gone, with the directory's mutex and without it; so no number
 * is given twice, and a process that stopped with an old number in its hand takes nothing back (rule FT-1). The renaming is forced
 * to the disk before the token is given, and needs no room on a full one.
 */
final class TokenFile {
    private static final Pattern FORM = Pattern.compile("token-(\\d{16})");
    private static final int ATTEMPTS = 1_000;

    private final Path directory;
    private final FileModes modes;
    private final Step.Observer steps;

    TokenFile(Path directory, FileModes modes, Step.Observer steps) {
        this.directory = directory;
        this.modes = modes;
        this.steps = steps;
    }

    /** The file of a number. */
    Path file(long token) {
        return directory.resolve(String.format(Locale.ROOT, "token-%016d", token));
    }

    /** Makes the first number in a new directory. One that another process made meanwhile stands: the highest counts. */
    void begin() throws IOException {
        if (numbers().isEmpty()) {
            try {
                modes.makeFile(file(0));
            } catch (FileAlreadyExistsException e) {
                // made by another process in between: as good
            }
        }
    }

    long next() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            long last = last();
            long token = last + 1;
            if (token >= Grant.TOKEN_LIMIT) {
                throw new IOException("the tokens in " + directory + " have come to their end");
            }
            modes.requireOwnFile(file(last));
            steps.reached(Step.TOKEN_READ);
            try {
                Files.move(file(last), file(token), StandardCopyOption.ATOMIC_MOVE);
            } catch (NoSuchFileException e) {
                continue; // another was here meanwhile, though the mutex was ours: see LockDirectory
            }
            steps.reached(Step.TOKEN_RENAMED);
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
            steps.reached(Step.TOKEN_DURABLE);
            return token;
        }
        throw new IOException("others take every token in " + directory + " before this process can");
    }

    /** No file is an error: tokens that start anew would let stale writers in. */
    long last() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            List<Long> numbers = numbers();
            OptionalLong highest = numbers.stream().mapToLong(n -> n).max();
            if (highest.isPresent()) {
                for (long number : numbers) { // of a copy that somebody brought back, or of two who began at once
                    if (number < highest.getAsLong()) {
                        Files.deleteIfExists(file(number));
                    }
                }
                return highest.getAsLong();
            } // else perhaps renamed while the directory was read
        }
        throw new IOException("the token file of " + directory + " is gone; make an empty one, 'touch " + file(0)
                + "', with a number in its name that is greater than every fencing token given so far, divided by 256");
    }

    private List<Long> numbers() throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "token-*")) {
            for (Path file : files) {
                Matcher parts = FORM.matcher(NameCodec.last(file));
                if (parts.matches()) {
                    numbers.add(Long.parseLong(parts.group(1)));
                }
            }
        }
        return numbers;
    }
}
