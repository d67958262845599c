// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.StoreUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens {@code file:DIR}: all processes of the host that name the same directory share one store. Thread-safe. */
public final class FileBackendProvider implements LockBackendProvider {
    private static final String CRASH_GRACE = "crash-grace";
    private static final String ALLOW_NETWORK = "allow-network-file-system";
    private static final String SHARED = "file.shared";
    private static final Duration USUAL_GRACE = Duration.ofSeconds(2);

    /** Called by {@link java.util.ServiceLoader}. */
    public FileBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("file");
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                CRASH_GRACE,
                "how long a lock stays taken after its holder's process died without releasing it (2s)",
                ALLOW_NETWORK,
                "true to use a directory on a network file system, from one host only (false)",
                SHARED,
                "true to use a directory of another user, with files that the group may write (false)");
    }

    @Override
    public Set<String> urlSettings() {
        return Set.of(CRASH_GRACE);
    }

    @Override
    public LockBackend open(BackendConfig config) {
        return FileStores.JVM.open(settings(config));
    }

    /**
     * Looks whether a directory is fit to keep locks in, as {@link LockBackend#diagnose} does, without opening it: a directory that
     * is opened is made.
     *
     * @param config the settings
     * @return at least one finding; for a directory that is not there, findings of where it would be made
     * @throws LockConfigException when the directory is one that {@link #open} refuses
     * @throws io.holdfast.LockDeniedException when it is not safe from other users
     * @throws io.holdfast.LockUnavailableException when it cannot be read
     */
    public List<StoreFinding> diagnose(BackendConfig config) {
        FileSettings settings = settings(config);
        try {
            return new DirectoryDiagnosis(settings).findings();
        } catch (IOException e) {
            throw FileTrouble.of(e, "the diagnosis", settings.address());
        }
    }

    /**
     * Whether nothing of ours is in a directory, so that no lock is held there. It is not opened, since opening would make it.
     *
     * @param config the settings
     * @return true when the directory is there and was never opened with this prefix
     * @throws LockConfigException when there is no such directory, or it is one that {@link #open} refuses
     * @throws io.holdfast.LockDeniedException when it is not safe from other users
     * @throws io.holdfast.LockUnavailableException when it cannot be read
     */
    public boolean isUnused(BackendConfig config) {
        FileSettings settings = settings(config);
        DirectoryGuard guard = new DirectoryGuard(settings);
        try {
            guard.checkWay();
            if (Files.notExists(settings.directory())) {
                throw new LockConfigException("store " + settings.address()
                        + ": there is no such directory; check its name. The first lock that is taken there makes it");
            }
            Path root = guard.check().resolve(new NameCodec(true).encode(settings.prefix()));
            return Files.notExists(root, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw FileTrouble.of(e, "looking at the directory", settings.address());
        }
    }

    private static FileSettings settings(BackendConfig config) {
        return new FileSettings(
                directory(config.uri()),
                config.prefix(),
                config.duration(CRASH_GRACE, USUAL_GRACE),
                config.operationTimeout(),
                config.flag(SHARED, false),
                config.flag(ALLOW_NETWORK, false));
    }

    private static Path directory(StoreUri uri) {
        String path = uri.path();
        if (!uri.hosts().isEmpty()) {
            String host = uri.hosts().get(0).name();
            throw new LockConfigException("'" + uri + "' names a host, '" + host
                    + "', for that is what follows two slashes, and these locks are in a directory of this host: write file:"
                    + (path.isEmpty() ? "" : path + " or file:") + "/" + host + path);
        }
        if (path.isEmpty()) {
            throw new LockConfigException(
                    "'" + uri + "' names no directory: write file:DIR, such as file:/var/lib/locks");
        }
        if (path.startsWith("~")) {
            throw new LockConfigException("'" + uri + "': no shell sees '~' here; write the home directory out");
        }
        try {
            return Path.of(path).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new LockConfigException("'" + uri + "' names no directory: " + e.getReason(), e);
        }
    }
}
