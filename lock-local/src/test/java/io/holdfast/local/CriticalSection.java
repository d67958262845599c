// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Work that only one process at a time may do, written so that it shows when two did: whoever is inside has left its process id,
 * and tokens only grow.
 */
final class CriticalSection {
    private final Path inside;
    private final Path last;

    CriticalSection(Path file) {
        inside = file.resolveSibling(file.getFileName() + ".inside");
        last = file;
    }

    void enter(long token) throws IOException {
        if (Files.exists(inside)) {
            long pid = Long.parseLong(Files.readString(inside));
            if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent()) {
                throw new AssertionError("process " + pid + " is inside, too");
            }
        }
        replace(inside, ProcessHandle.current().pid());
        long before = Files.exists(last) ? Long.parseLong(Files.readString(last)) : 0;
        if (token <= before) {
            throw new AssertionError("token " + token + " after " + before);
        }
        replace(last, token);
    }

    void leave() throws IOException {
        long pid = Long.parseLong(Files.readString(inside));
        if (pid != ProcessHandle.current().pid()) {
            throw new AssertionError("process " + pid + " came in, too");
        }
        Files.delete(inside);
    }

    /** In one step: whoever is killed in between leaves the old content. */
    private static void replace(Path file, long content) throws IOException {
        Path fresh = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        Files.writeString(fresh, Long.toString(content));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
