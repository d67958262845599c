// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.jspecify.annotations.Nullable;

/**
 * The client's certificate and key in one file, which ZooKeeper's client wants; thread-safe.
 *
 * <p>It reads the file whenever it makes a connection, so the file is there only that long, and is made anew of what the settings name
 * at that time: a certificate that was exchanged is used by the next connection, and a process that is killed leaves its key behind
 * only when it was about to connect. What such a one has left, the next removes.
 */
final class TlsIdentity {
    private static final String BEGIN = "holdfast-";
    private static final String END = ".pem";

    /** As {@code createTempFile} names them. */
    private static final Pattern OURS = Pattern.compile(BEGIN + "[0-9]+" + Pattern.quote(END));

    /** No attempt to connect takes so long. */
    private static final Duration LEFT_BEHIND = Duration.ofMinutes(10);

    private final Path certificate;
    private final Path key;
    private final ZKClientConfig client;

    // Guarded by this.
    private @Nullable Path laid;

    /**
     * Files that are checked by making one of them.
     *
     * @param client whose setting names the file
     * @throws LockConfigException when they cannot be read, or the file not be made
     */
    TlsIdentity(Path certificate, Path key, ZKClientConfig client) {
        this.certificate = certificate;
        this.key = key;
        this.client = client;
        try {
            Files.delete(make());
        } catch (IOException e) {
            throw new LockConfigException(
                    "the client's certificate and key could not be put together in one file of the directory for"
                            + " temporary files: " + e,
                    e);
        }
    }

    private Path make() throws IOException {
        FileAttribute<?>[] ours =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0]; // elsewhere the directory is the user's own
        Path both = Files.createTempFile(BEGIN, END, ours);
        Files.writeString(both, Files.readString(key) + "\n" + Files.readString(certificate));
        return both;
    }

    /** A connection is about to be made. Where that fails for want of the file, the connection fails, and the next tries again. */
    synchronized void lay() {
        remove();
        try (ClientX509Util names = new ClientX509Util()) {
            Path both = make();
            laid = both;
            client.setProperty(names.getSslKeystoreLocationProperty(), both.toString());
        } catch (IOException e) {
            // Somebody is exchanging them just now, or the disk is full.
        }
    }

    /** There is a connection, or there will be none any more. */
    synchronized void remove() {
        try {
            if (laid != null) {
                Files.deleteIfExists(laid);
                laid = null;
            }
        } catch (IOException e) {
            // The next one that is opened removes it.
        }
    }

    /**
     * Removes what was left behind by processes that were killed.
     *
     * @param now the wall clock's time
     */
    static void sweep(long now) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, BEGIN + "*" + END)) {
            found.forEach(file -> removeIfLeft(file, now));
        } catch (IOException | RuntimeException e) {
            // There is no such directory, or it cannot be read: then nothing of ours is there either.
        }
    }

    /** Of ours are numbers alone between beginning and end: a user may have a key of a name like that. */
    private static void removeIfLeft(Path file, long now) {
        try {
            boolean ours = OURS.matcher(file.getFileName().toString()).matches()
                    && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
            if (ours && now - Files.getLastModifiedTime(file).toMillis() > LEFT_BEHIND.toMillis()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | RuntimeException e) {
            // It is another user's, or went meanwhile; the next one may be ours.
        }
    }
}
