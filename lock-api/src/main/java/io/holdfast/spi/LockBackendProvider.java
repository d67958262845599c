// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes backends for one kind of store; found by {@link java.util.ServiceLoader}.
 *
 * <p>Two providers for one scheme on the class path are an error at open (rule CF-4). Constructing a provider does no I/O.
 */
public interface LockBackendProvider {
    /**
     * The URI schemes it serves.
     *
     * @return lower-case schemes, without the colon
     */
    Set<String> schemes();

    /**
     * The settings it knows beside the common ones, each with one line of help.
     *
     * @return by key, such as {@code poll-interval}; lower-case words joined by hyphens or dots
     */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Those of {@link #settings} that the query of a URL may set (rule CF-6). A URL may come from somebody who has fewer rights than the
     * program, so no setting belongs here that names a file, runs code or weakens a check.
     *
     * @return keys; by default none, so that all are set in the program, its environment or a settings file only
     */
    default Set<String> urlSettings() {
        return Set.of();
    }

    /**
     * Makes a backend and checks its settings. It may connect, but need not: {@link LockBackend#openSession} does at the latest. When
     * this or the first session fails as unavailable, the engine calls it again within {@code connect-timeout} (rule OP-1).
     *
     * @param config the settings, already checked for unknown keys
     * @return a backend, which the client closes
     * @throws io.holdfast.LockConfigException when a setting is out of range or missing
     * @throws io.holdfast.LockUnavailableException when the store is not reached
     * @throws io.holdfast.LockDeniedException when the store refuses the credentials
     */
    LockBackend open(BackendConfig config);

    /**
     * Whether a wrong setting is the reason why the store was out of reach, such as a scheme with TLS for a server without. The engine
     * asks once, after the first try at opening has failed so. When something is wrong, opening ends with it as a {@code
     * LockConfigException}; else opening goes on (rule OP-1).
     *
     * @param config the settings, which {@link #open} has checked
     * @return what is wrong and what to do; empty when nothing is found, and by default
     */
    default Optional<String> mistake(BackendConfig config) {
        return Optional.empty();
    }

    /**
     * What must be made in the store before the first client is opened, such as a table, as statements in the store's own language. The
     * store is not asked; {@code holdfast ddl} prints it.
     *
     * @param config the settings, already checked for unknown keys
     * @return statements to run once, each with its semicolon; by default the empty string, for a store that needs none
     * @throws io.holdfast.LockConfigException when a setting is out of range, or the address is none of this store's
     */
    default String ddl(BackendConfig config) {
        return "";
    }
}
