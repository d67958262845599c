// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What people ask of a {@link LockDirectory}, and do to it, past the clients. All of it is done under the mutex. */
final class FileInquiries {
    private final DirectoryParts parts;

    FileInquiries(DirectoryParts parts) {
        this.parts = parts;
    }

    StoredLock inspect(String name) throws IOException {
        FileLine line = FileLine.read(parts.lines().of(name));
        parts.settle(line);
        return describe(name, line);
    }

    List<StoredLock> list() throws IOException {
        List<StoredLock> found = new ArrayList<>();
        for (Path directory : parts.lines().used()) {
            FileLine line = FileLine.read(directory);
            parts.settle(line);
            String name = parts.lines().name(directory);
            if (name != null && line.contenders() > 0) {
                found.add(describe(name, line));
            }
        }
        return found;
    }

    ForceOutcome forceRelease(String name, OptionalLong storeToken) throws IOException {
        FileLine line = FileLine.read(parts.lines().of(name));
        parts.settle(line);
        Mark holder = line.holder();
        if (holder == null) {
            return ForceOutcome.NOT_HELD;
        }
        if (storeToken.isPresent() && storeToken.getAsLong() != holder.number()) {
            return ForceOutcome.MOVED_ON;
        }
        line.remove(holder);
        parts.settle(line);
        return ForceOutcome.RELEASED;
    }

    private StoredLock describe(String name, FileLine line) throws IOException {
        Mark holder = line.holder();
        if (holder == null) {
            return StoredLock.free(name, line.contenders());
        }
        long since = Files.getLastModifiedTime(line.file(holder), LinkOption.NOFOLLOW_LINKS)
                .toMillis();
        String label = parts.sessions().info(holder.session()).label();
        return new StoredLock(name, holder.number(), label, since, line.contenders());
    }
}
