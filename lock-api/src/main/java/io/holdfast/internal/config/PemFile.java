// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The labelled blocks of a PEM file; what stands between blocks is a comment. */
final class PemFile {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private final String what;
    private final List<Block> blocks = new ArrayList<>();

    private record Block(String label, String base64) {}

    /** Reads the file that a {@code tls.*} setting names. */
    PemFile(String key, Path file) {
        what = "the file " + file + " of setting '" + key + "'";
        Matcher matcher = BLOCK.matcher(TextFiles.read(file.toString(), what));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
    }

    /** The bytes of all blocks of a label. */
    List<byte[]> blocks(String label) {
        return blocks.stream()
                .filter(block -> block.label().equals(label))
                .map(this::decoded)
                .toList();
    }

    /** A PEM block has nothing but base64 and line ends: the JDK's lenient decoder would skip what was damaged. */
    private byte[] decoded(Block block) {
        try {
            return Base64.getDecoder().decode(block.base64().replaceAll("\\s", ""));
        } catch (IllegalArgumentException malformed) {
            throw wrong("has a block " + block.label() + " that is not base64", malformed);
        }
    }

    List<String> labels() {
        return blocks.stream().map(Block::label).toList();
    }

    /** What is wrong with this file, to be thrown; never with its content. */
    LockConfigException wrong(String problem, @Nullable Throwable cause) {
        return new LockConfigException(what + " " + problem, cause);
    }
}
