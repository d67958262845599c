// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a process uses a directory of locks. Two backends with equal settings share one {@link FileStore}.
 *
 * @param directory as the user named it, absolute
 * @param prefix of the locks: a directory inside
 * @param crashGrace how long a lock stays taken after its holder's process was found dead
 * @param patience how long to wait for another process that is changing the directory
 * @param shared whether the directory may belong to others, and its files are the group's
 * @param allowNetwork whether it may be on a network file system
 */
record FileSettings(
        Path directory, String prefix, Duration crashGrace, Duration patience, boolean shared, boolean allowNetwork) {
    String address() {
        return "file:" + directory;
    }
}
