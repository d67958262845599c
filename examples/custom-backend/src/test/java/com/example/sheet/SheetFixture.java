// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The store under test, as the kit reaches it. Only {@link #url} is needed; each of the others makes tests run that are skipped
 * without it. None of them asks the backend, which is what is being judged: they look into the file themselves.
 */
final class SheetFixture implements LockBackendFixture {
    private final Path folder;
    private final Path file;
    private final Sheet sheet;
    private final SheetTable keys;

    /**
     * Without arguments, so that {@code holdfast tck --fixture} can make it, too. All tests of the kit use one file, each a lock name of
     * its own; it is a new file each time, since a run that was killed leaves rows behind.
     */
    SheetFixture() throws IOException {
        this.folder = Files.createTempDirectory("sheet-").toAbsolutePath();
        this.file = folder.resolve("sheet");
        this.sheet = new Sheet(file);
        this.keys = new SheetTable(sheet, "holdfast"); // the setting "prefix", which the kit leaves as it is
    }

    /** The other JVMs that the kit starts open their clients by it as well, so the path is absolute. */
    @Override
    public String url() {
        return "sheet:" + file;
    }

    /**
     * What must not be left behind (rule LK-1). Rows that have expired, spent holder ids and the last token may stay: the next
     * acquisition removes the first two, and the last is what keeps tokens from going back.
     */
    @Override
    public List<String> residue() {
        long now = System.currentTimeMillis();
        return sheet.atomically(cells -> cells.stringPropertyNames().stream()
                .filter(key -> key.startsWith("row.") && !SheetTable.hasExpired(cells.getProperty(key), now))
                .toList());
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            /** As somebody would with an editor: the holder must notice within one renewal round (rule LO-5). */
            @Override
            public void deleteHolder(String name) {
                sheet.atomically(cells -> cells.remove(keys.rowKey(name)));
            }

            /** A session is nothing in this store: what there is of a client that went silent is gone with its rows. */
            @Override
            public void expireSession(String label) {
                sheet.atomically(cells -> cells.entrySet().removeIf(cell -> cell.getKey().toString().startsWith("row.")
                        && SheetTable.isOf(cell.getValue().toString(), label)));
            }
        };
    }

    /** The run has ended, and closes it. */
    @Override
    public void close() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path left : files.toList()) {
                Files.delete(left);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
