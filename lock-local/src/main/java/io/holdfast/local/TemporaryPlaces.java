// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a host removes files that somebody still needs: what is old, what a user left behind, or all of it at its start.
 *
 * <p>A directory that goes takes its tokens along, and the next ones begin at 1: a resource that has seen higher ones refuses them.
 */
final class TemporaryPlaces {
    private static final String OLD =
            "files that nobody has touched for some days are removed in %s: of a client that is stopped"
                    + " for so long its locks, of an idle directory the tokens, which then begin at 1";
    private static final String LOGIN = "all of %s is removed when the user's last login ends, locks that are held too";
    private static final String RESTART = "all of %s is gone after the host's next start, and tokens begin at 1";
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

    private final Map<Path, String> places = new LinkedHashMap<>();

    private TemporaryPlaces() {}

    static TemporaryPlaces ofThisHost() {
        return of(System.getenv("XDG_RUNTIME_DIR"), System.getProperty("java.io.tmpdir"), System.getenv("TMPDIR"));
    }

    /**
     * The well-known ones, and those that the environment names.
     *
     * @param runtime the user's own, while logged in; null for none
     * @param temporary others for temporary files
     */
    static TemporaryPlaces of(@Nullable String runtime, @Nullable String... temporary) {
        TemporaryPlaces known = new TemporaryPlaces();
        known.add(runtime, LOGIN);
        known.add("/run/user", LOGIN);
        known.add("/tmp", OLD);
        known.add("/var/tmp", OLD);
        for (String place : temporary) {
            known.add(place, OLD);
        }
        known.add("/run", RESTART);
        known.add("/dev/shm", RESTART);
        return known;
    }

    private void add(@Nullable String place, String what) {
        try {
            if (place != null && place.startsWith("/")) {
                Path path = Path.of(place);
                places.putIfAbsent(Files.exists(path) ? path.toRealPath() : path, what);
            }
        } catch (IOException | InvalidPathException e) {
            // cannot be looked at, so nothing is known of it
        }
    }

    /**
     * What becomes of a directory.
     *
     * @param real without symbolic links
     * @param type of its file system
     * @return empty when it stays, as far as is known
     */
    Optional<String> whatHappensTo(Path real, String type) {
        for (Map.Entry<Path, String> place : places.entrySet()) {
            if (real.startsWith(place.getKey())) {
                return Optional.of(String.format(Locale.ROOT, place.getValue(), place.getKey()));
            }
        }
        return IN_MEMORY.contains(type)
                ? Optional.of(String.format(Locale.ROOT, RESTART, "a " + type))
                : Optional.empty();
    }
}
