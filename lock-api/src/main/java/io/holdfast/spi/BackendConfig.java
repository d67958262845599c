// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.LockConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of one client as its backend reads them; immutable.
 *
 * <p>Every reader takes the strongest of the sources that {@link LockConfig} describes, and throws {@link
 * io.holdfast.LockConfigException} with key and source when the value is malformed or out of range.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class BackendConfig {
    private final LockConfig config;

    private BackendConfig(LockConfig config) {
        this.config = config;
    }

    /**
     * The settings of a configuration, as the engine hands them to a provider. Unknown keys are not looked for.
     *
     * @param config with a URL
     * @return its settings
     * @throws io.holdfast.LockConfigException when there is no URL or a common setting is malformed
     */
    public static BackendConfig of(LockConfig config) {
        return new BackendConfig(config);
    }

    /**
     * The store's address.
     *
     * @return the URL in parts
     */
    public StoreUri uri() {
        throw new UnsupportedOperationException("being built");
    }

    /**
     * What every key, path or file name of ours in the store begins with ({@code prefix}, {@code holdfast} by default).
     *
     * @return not empty; letters, digits and {@code . _ : / -}; no empty, {@code .} or {@code ..} step between slashes
     */
    public String prefix() {
        return "holdfast";
    }

    /**
     * The lease asked for ({@code lease}, 30 s by default).
     *
     * @return positive; the engine checks it against {@link Capabilities} after the backend was made
     */
    public Duration lease() {
        return Duration.ofSeconds(30);
    }

    /**
     * How long connecting may take ({@code connect-timeout}, 10 s by default).
     *
     * @return positive
     */
    public Duration connectTimeout() {
        return Duration.ofSeconds(10);
    }

    /**
     * How long one request may take ({@code operation-timeout}, 3 s by default).
     *
     * @return positive
     */
    public Duration operationTimeout() {
        return Duration.ofSeconds(3);
    }

    /**
     * The user name: {@code user}, or that of the address.
     *
     * @return empty when there is none
     */
    public Optional<String> user() {
        return Optional.empty();
    }

    /**
     * The password: {@code password}, what the file {@code password-file} holds but for its last line end, or that of the
     * address.
     *
     * @return empty when there is none
     * @throws io.holdfast.LockConfigException when two are given with the same strength, or the file is not readable
     */
    public Optional<Secret> password() {
        return Optional.empty();
    }

    /**
     * The settings {@code tls.*}.
     *
     * @return their files and flags
     */
    public TlsSettings tls() {
        return new TlsSettings(Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /**
     * Where clock, scheduler and executor come from.
     *
     * @return the client's runtime
     */
    public LockRuntime runtime() {
        throw new UnsupportedOperationException("being built");
    }

    /**
     * Who the client is, for people.
     *
     * @return host and process unless told otherwise; at most 200 characters
     */
    public String label() {
        throw new UnsupportedOperationException("being built");
    }

    /**
     * A setting as text.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @return empty when no source has it
     */
    public Optional<String> text(String key) {
        return Optional.empty();
    }

    /**
     * A setting as a duration with a unit, such as {@code 500ms} or {@code PT5M}.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @param usual the value when no source has it
     * @return zero or positive
     */
    public Duration duration(String key, Duration usual) {
        return usual;
    }

    /**
     * A setting as a whole number.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @param usual the value when no source has it
     * @param minimum the smallest allowed
     * @param maximum the largest allowed
     * @return between the two
     */
    public int integer(String key, int usual, int minimum, int maximum) {
        return usual;
    }

    /**
     * A setting that is {@code true} or {@code false}.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @param usual the value when no source has it
     * @return the value
     */
    public boolean flag(String key, boolean usual) {
        return usual;
    }

    /**
     * A setting that nobody may see.
     *
     * @param key one of {@link LockBackendProvider#settings()}; only keys that contain {@code password}, {@code token} or {@code
     *     secret} are hidden where settings are shown
     * @return empty when no source has it
     */
    public Optional<Secret> secret(String key) {
        return Optional.empty();
    }

    @Override
    public String toString() {
        return config.toString();
    }
}
