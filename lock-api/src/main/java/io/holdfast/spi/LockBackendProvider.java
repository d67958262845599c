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
     * Those of {@link #settings} that the query of a URL may set (rule CF-6). A URL may come from who has fewer rights than the
     * program: none that names a file, runs code or weakens a check belongs here.
     *
     * @return keys; without an override none, so that they are set in the program, its environment or a settings file
     */
    default Set<String> urlSettings() {
        return Set.of();
    }

    /**
     * Makes a backend and checks its settings. It may connect, but need not: {@link LockBackend#openSession} does at the latest. Where
     * it fails as unavailable, and where the first session does, the engine asks it again within {@code connect-timeout} (rule OP-1).
     *
     * @param config the settings, already checked for unknown keys
     * @return a backend, which the client closes
     * @throws io.holdfast.LockConfigException when a setting is out of range or missing
     * @throws io.holdfast.LockUnavailableException when the store is not reached
     */
    LockBackend open(BackendConfig config);

    /**
     * Asked once when a first try at opening found the store out of reach: whether a setting is the reason after all, such as a scheme
     * with TLS for a server without. Opening ends with what this says, as a wrong setting; else it goes on (rule OP-1).
     *
     * @param config the settings, which have passed {@link #open}'s look
     * @return what is wrong and what to do; without an override empty
     */
    default Optional<String> mistake(BackendConfig config) {
        return Optional.empty();
    }

    /**
     * What its store must have made before the first client is opened, as statements in the store's own language: a table, say. It asks
     * nobody; {@code holdfast ddl} prints it.
     *
     * @param config the settings, already checked for unknown keys
     * @return statements to run once, each with its end; without an override the empty string, for a store that needs none
     * @throws io.holdfast.LockConfigException when a setting is out of range, or the address is none of this store's
     */
    default String ddl(BackendConfig config) {
        return "";
    }
}
