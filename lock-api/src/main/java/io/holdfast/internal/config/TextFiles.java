// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Small UTF-8 files that settings name. */
final class TextFiles {
    /** No settings, password or certificate comes near; a device that never ends does. */
    private static final int LIMIT = 1 << 20;

    private TextFiles() {}

    /**
     * Reads a file.
     *
     * @param file its path, as the setting gives it
     * @param what it is, with its path and the setting that names it, for the message
     */
    static String read(String file, String what) {
        return read(file, what, LIMIT);
    }

    /** The same with another limit of its size. */
    static String read(String file, String what, int limit) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return text(in, limit);
        } catch (IOException | InvalidPathException failure) {
            throw unreadable(what, failure);
        }
    }

    static String text(InputStream in) throws IOException {
        return text(in, LIMIT);
    }

    private static String text(InputStream in, int limit) throws IOException {
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new IOException("it is larger than " + limit + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new IOException("it is not UTF-8 text", notUtf8);
        }
    }

    static LockConfigException unreadable(String what, Exception failure) {
        String reason = failure instanceof NoSuchFileException
                ? "there is no such file"
                : failure instanceof AccessDeniedException ? "permission denied" : failure.getMessage();
        return new LockConfigException("cannot read " + what + ": " + reason, failure);
    }
}
