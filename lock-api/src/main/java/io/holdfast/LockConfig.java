// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import io.holdfast.internal.SafeLog;
import io.holdfast.internal.config.ConfigAccess;
import io.holdfast.internal.config.ConfigSources;
import io.holdfast.internal.config.SecretKeys;
import io.holdfast.internal.config.Settings;
import io.holdfast.internal.opening.ClientOpener;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoreUri;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a client. Immutable: each method whose name begins with {@code with} returns a copy.
 *
 * <p>A setting is looked for, strongest first, in: what the program set here; the URL's query; system properties {@code
 * holdfast.KEY}; environment variables {@code HOLDFAST_KEY} (upper case, {@code _} for {@code .} and {@code -}); the file named by
 * the property {@code holdfast.config} or the variable {@code HOLDFAST_CONFIG}; {@code holdfast.properties} on the class path;
 * the defaults (rule CF-1). A named client reads {@code holdfast.NAME.KEY} and {@code HOLDFAST_NAME_KEY} before those. Keys that
 * nobody knows are refused when the client is opened (rule CF-2). A duration has a unit: {@code 500ms}, {@code 30s}, {@code 5m},
 * {@code 1h}, {@code 1d}, or ISO-8601 such as {@code PT30S} (rule CF-3).
 *
 * <p>The settings of every store: {@code url}, {@code lease} (30 s), {@code prefix} ({@code holdfast}), {@code token-base} (0),
 * {@code handoff-limit} (64), {@code connect-timeout} (10 s), {@code operation-timeout} (3 s), {@code outage-timeout} (1 min),
 * {@code close-timeout} (10 s), {@code user}, {@code password} or {@code password-file}, {@code tls.ca}, {@code
 * tls.certificate}, {@code tls.key}, {@code tls.verify} (true), {@code trust-url} (false). A URL's query
 * may not set {@code password-file}, {@code tls.*} and {@code trust-url} (rule CF-6).
 */
public final class LockConfig {
    private static final int LABEL_LENGTH = 200;

    static {
        ConfigAccess.register(config -> config.parts);
        SafeLog.register(LockLog::write);
    }

    private final ConfigAccess.Parts parts;

    private LockConfig(Settings settings, @Nullable LockRuntime runtime, @Nullable String label) {
        this.parts = new ConfigAccess.Parts(settings, runtime, label);
    }

    /**
     * Reads the environment: system properties, environment variables, configuration files.
     *
     * @return what they say now; later changes of them do not count
     * @throws LockConfigException when a configuration file is not readable
     */
    public static LockConfig load() {
        return load(null, ConfigSources.system());
    }

    /**
     * Reads the environment for one of several clients: for a client named {@code reports}, {@code holdfast.reports.lease} is stronger
     * than {@code holdfast.lease}.
     *
     * @param clientName lower-case letters, digits and hyphens, a letter first
     * @return what the environment says now
     * @throws LockConfigException when the name is malformed or a configuration file is not readable
     */
    public static LockConfig load(String clientName) {
        return load(Objects.requireNonNull(clientName, "client name"), ConfigSources.system());
    }

    static LockConfig load(@Nullable String clientName, ConfigSources sources) {
        return new LockConfig(Settings.load(clientName, sources), null, null);
    }

    /**
     * A configuration of a URL and the defaults, whatever the environment says.
     *
     * @param url the store, such as {@code memory:test}
     * @return the settings
     * @throws LockConfigException when the URL is malformed
     */
    public static LockConfig of(String url) {
        return new LockConfig(Settings.none(), null, null).withUrl(url);
    }

    /**
     * A copy with another store.
     *
     * @param url the store; settings in its query are weaker than those set by {@link #with}
     * @return a copy
     * @throws LockConfigException when it is malformed
     */
    public LockConfig withUrl(String url) {
        return with("url", url);
    }

    /**
     * A copy with one setting.
     *
     * @param key a key of every store, or one of the chosen backend's
     * @param value its text
     * @return a copy
     * @throws LockConfigException when the key is one that every store has, and the value is malformed or out of range; other keys are
     *     checked when the client is opened
     */
    public LockConfig with(String key, String value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, key);
        return new LockConfig(parts.settings().with(key, value), parts.runtime(), parts.label());
    }

    /**
     * A copy with another lease: how long the store keeps the locks of a client that has gone silent.
     *
     * @param lease positive, at most 365 days; whether the store serves it is checked when the client is opened (rule CF-5)
     * @return a copy
     * @throws LockConfigException when it is not positive, or too long
     */
    public LockConfig withLease(Duration lease) {
        return with("lease", DurationFormat.show(lease));
    }

    /**
     * A copy with another prefix, with which all that Holdfast writes into the store begins. Only clients with the same prefix exclude each
     * other.
     *
     * @param prefix 1 to 200 letters, digits and {@code . _ : / -}; no slash at its end, no two in a row, and no {@code .} or {@code ..}
     *     alone between slashes; a store that takes fewer refuses the rest when the client is opened
     * @return a copy
     * @throws LockConfigException when it is malformed
     */
    public LockConfig withPrefix(String prefix) {
        return with("prefix", prefix);
    }

    /**
     * A copy with another token base, added to every fencing token (rule FT-6).
     *
     * @param base 0 to 6917529027641081855; it must be the same on all clients that share a lock
     * @return a copy
     * @throws LockConfigException when it is out of range
     */
    public LockConfig withTokenBase(long base) {
        return with("token-base", Long.toString(base));
    }

    /**
     * A copy with another limit for how often in a row a client hands a lock to a waiter of its own, before one of another client has its
     * turn (rule OR-3).
     *
     * @param limit 0 to 255; 0 hands nothing off, so that the store's order holds over all clients
     * @return a copy
     * @throws LockConfigException when it is out of range
     */
    public LockConfig withHandoffLimit(int limit) {
        return with("handoff-limit", Integer.toString(limit));
    }

    /**
     * A copy with another limit for opening a client, all tries together (rule OP-1).
     *
     * @param timeout positive, at most 365 days
     * @return a copy
     * @throws LockConfigException when it is not positive, or too long
     */
    public LockConfig withConnectTimeout(Duration timeout) {
        return with("connect-timeout", DurationFormat.show(timeout));
    }

    /**
     * A copy with another limit for one request to the store.
     *
     * @param timeout positive, at most 365 days
     * @return a copy
     * @throws LockConfigException when it is not positive, or too long
     */
    public LockConfig withOperationTimeout(Duration timeout) {
        return with("operation-timeout", DurationFormat.show(timeout));
    }

    /**
     * A copy with another limit for how long a wait without limit goes on while the store is out of reach (rule WA-6).
     *
     * @param timeout positive, at most 365 days; zero to give up at the first failure
     * @return a copy
     * @throws LockConfigException when it is negative, or too long
     */
    public LockConfig withOutageTimeout(Duration timeout) {
        return with("outage-timeout", DurationFormat.show(timeout));
    }

    /**
     * A copy with another limit for closing a client (rule CL-2).
     *
     * @param timeout positive, at most 365 days
     * @return a copy
     * @throws LockConfigException when it is not positive, or too long
     */
    public LockConfig withCloseTimeout(Duration timeout) {
        return with("close-timeout", DurationFormat.show(timeout));
    }

    /**
     * A copy with a clock, a scheduler and an executor of the caller's own.
     *
     * @param runtime stays the caller's: closing a client does not end it
     * @return a copy
     */
    public LockConfig withRuntime(LockRuntime runtime) {
        return new LockConfig(parts.settings(), Objects.requireNonNull(runtime, "runtime"), parts.label());
    }

    /**
     * A copy with another label: who the client is, shown to people who look at the store. Not a secret.
     *
     * @param label 1 to 200 characters, not all blank, none a control character; a client without one shows host name and process id
     * @return a copy
     * @throws LockConfigException when it is malformed
     */
    public LockConfig withLabel(String label) {
        if (label.isBlank() || label.length() > LABEL_LENGTH || label.chars().anyMatch(Character::isISOControl)) {
            throw new LockConfigException("label '" + LockNames.printable(label) + "' must have 1 to " + LABEL_LENGTH
                    + " characters, none of them a control character");
        }
        return new LockConfig(parts.settings(), parts.runtime(), label);
    }

    /**
     * The store's address, from the strongest source that has one.
     *
     * @return empty when no source has one
     * @throws LockConfigException when it is malformed
     */
    public Optional<StoreUri> uri() {
        return parts.settings().uri();
    }

    /**
     * Refuses what {@link LockClient#open(LockConfig)} would refuse before it asks the store anything: no address or a malformed one, a
     * scheme without a backend, a setting that nobody knows or that its source may not set. It opens nothing.
     *
     * @throws LockConfigException when something is refused; the message says what and by which source it was set
     */
    public void check() {
        ClientOpener.check(this);
    }

    /**
     * What must be made in the store before the first client is opened, in the store's own language. The store is not asked.
     *
     * @return statements of SQL, each with its semicolon and a line end; empty when the store needs nothing made
     * @throws LockConfigException as {@link #check} does
     */
    public String ddl() {
        return ClientOpener.ddl(this);
    }

    /**
     * Whether the value of a setting is a secret, by its key alone: {@code password}, and what is named like a password, key or token. A
     * key that no backend knows may be one, too, since it may be a misspelt one.
     *
     * @param key any key, in capital or small letters
     * @return true when Holdfast shows the value nowhere
     */
    public static boolean isSecret(String key) {
        return SecretKeys.isSecret(key);
    }

    /**
     * The settings that differ from the defaults and where each comes from, without secrets.
     *
     * @return one line, for people
     */
    @Override
    public String toString() {
        return "LockConfig[" + parts.settings() + "]";
    }
}
