// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.Grant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The last token that was given in a directory: one number for all its names, so that names used once leave nothing.
 *
 * <p>A token is on the disk before it is given (rule FT-1), as any of these steps may be the last one of the process, or of the
 * machine: the new number goes to a file of its own, which is forced to the disk, takes the old one's place in one step, and is
 * forced to stay there. Until the renaming the old number stands and the new one was given to nobody; after it the new number
 * stands, given or not. Used under the directory's mutex only.
 */
final class TokenFile {
    private static final int LONGEST = 32;

    private final Path file;
    private final Path fresh;
    private final FileModes modes;
    private final Step.Observer steps;

    TokenFile(Path file, FileModes modes, Step.Observer steps) {
        this.file = file;
        this.fresh = file.resolveSibling(NameCodec.last(file) + ".new");
        this.modes = modes;
        this.steps = steps;
    }

    long next() throws IOException {
        long token = last() + 1;
        if (token >= Grant.TOKEN_LIMIT) {
            throw new IOException("the tokens in " + file + " have come to their end");
        }
        steps.reached(Step.TOKEN_READ);
        Files.deleteIfExists(fresh); // of a process that died at this point, or a link that somebody laid there
        modes.makeFile(fresh);
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer text = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII));
            while (text.hasRemaining()) {
                channel.write(text);
            }
            steps.reached(Step.TOKEN_WRITTEN);
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(fresh); // a full disk: leave the little room there is
            throw e;
        }
        steps.reached(Step.TOKEN_SYNCED);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        steps.reached(Step.TOKEN_RENAMED);
        try (FileChannel directory = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            directory.force(true);
        }
        steps.reached(Step.TOKEN_DURABLE);
        return token;
    }

    /** Zero in a new directory. A file that cannot be read is an error: tokens that start anew would let stale writers in. */
    private long last() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        FileModes.requireFile(file);
        String text = Files.size(file) > LONGEST
                ? ""
                : Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!text.matches("\\d{1,16}")) {
            throw new IOException(
                    "the token file " + file + " is damaged; write a number into it that is greater than every"
                            + " fencing token given so far, divided by 256");
        }
        return Long.parseLong(text);
    }
}
