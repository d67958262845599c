// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.Adler32;

/** The newest snapshot among the data of a server that is stopped. */
final class Snapshot {
    /** A check sum of all that comes before, and the path {@code /}. */
    private static final byte[] END_OF_SEAL = {0, 0, 0, 1, '/'};

    /** From a node's data to its number of children's changes: rights, two transactions, two times, a version. */
    private static final int TO_CVERSION = 5 * Long.BYTES + Integer.BYTES;

    private final Path file;
    private final byte[] bytes;
    private final List<Integer> seals = new ArrayList<>();

    private Snapshot(Path file) throws IOException {
        this.file = file;
        this.bytes = Files.readAllBytes(file);
        for (int at = 0; at + Long.BYTES + END_OF_SEAL.length <= bytes.length; at++) {
            int end = at + Long.BYTES;
            if (Arrays.equals(bytes, end, end + END_OF_SEAL.length, END_OF_SEAL, 0, END_OF_SEAL.length)
                    && ByteBuffer.wrap(bytes).getLong(at) == sum(at)) {
                seals.add(at);
            }
        }
    }

    static Snapshot newestIn(File directory) throws IOException {
        File[] all = directory.listFiles((where, name) -> name.startsWith("snapshot."));
        if (all == null) {
            throw new IOException(directory + " cannot be read");
        }
        return new Snapshot(Arrays.stream(all)
                .max(Comparator.comparingLong(
                        file -> Long.parseLong(file.getName().substring("snapshot.".length()), 16)))
                .orElseThrow(() -> new IOException(directory + " has no snapshot"))
                .toPath());
    }

    private long sum(int length) {
        Adler32 sum = new Adler32();
        sum.update(bytes, 0, length);
        return sum.getValue();
    }

    /** As if so many children of an empty node had come and gone. */
    void setCversion(String path, int changes) throws IOException {
        ByteBuffer name = ByteBuffer.allocate(Integer.BYTES + path.length());
        name.putInt(path.length()).put(path.getBytes(StandardCharsets.US_ASCII));
        byte[] wanted = name.array();
        int at = 0;
        while (!Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
            at++;
        }
        ByteBuffer all = ByteBuffer.wrap(bytes);
        int data = at + wanted.length;
        all.putInt(data + Integer.BYTES + all.getInt(data) + TO_CVERSION, changes);
        for (int seal : seals) {
            all.putLong(seal, sum(seal));
        }
        Files.write(file, bytes);
    }
}
