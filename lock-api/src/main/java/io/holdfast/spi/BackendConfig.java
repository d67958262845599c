// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.internal.HostLabel;
import io.holdfast.internal.config.CommonKey;
import io.holdfast.internal.config.ConfigAccess;
import io.holdfast.internal.config.KeyCheck;
import io.holdfast.internal.config.Setting;
import io.holdfast.internal.config.StrayCharacters;
import io.holdfast.internal.config.TlsProbe;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The settings of one client as its backend reads them; immutable.
 *
 * <p>Every method that reads a setting takes the strongest of the sources that {@link LockConfig} describes, and throws {@link
 * io.holdfast.LockConfigException}, with key and source, when the value is malformed or out of range.
 */
public final class BackendConfig {
    /** For a connection, or an answer, of which only a better error depends. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final ConfigAccess.Parts parts;
    private final StoreUri uri;
    private final TlsSettings tls;

    private BackendConfig(ConfigAccess.Parts parts) {
        this.parts = parts;
        parts.settings().require(CommonKey.URL);
        this.uri = parts.settings().uri().orElseThrow();
        KeyCheck.checkCommonInUrl(parts.settings());
        this.tls = new TlsSettings(
                path(CommonKey.TLS_CA),
                path(CommonKey.TLS_CERTIFICATE),
                path(CommonKey.TLS_KEY),
                parts.settings().require(CommonKey.TLS_VERIFY).flag());
        for (CommonKey key : CommonKey.values()) {
            parts.settings().common(key);
        }
        password();
    }

    private Optional<Path> path(CommonKey key) {
        return parts.settings().common(key).map(setting -> {
            try {
                return Path.of(setting.text());
            } catch (InvalidPathException malformed) {
                throw setting.wrong("is not a path of this file system");
            }
        });
    }

    /**
     * The settings of a configuration, as the engine hands them to a provider. Unknown keys are not looked for.
     *
     * @param config with a URL, and with a runtime if {@link #runtime()} is to be read
     * @return its settings
     * @throws io.holdfast.LockConfigException when there is no URL or a common setting is malformed
     */
    public static BackendConfig of(LockConfig config) {
        return new BackendConfig(ConfigAccess.of(config));
    }

    /**
     * The store's address.
     *
     * @return the URL in parts
     */
    public StoreUri uri() {
        return uri;
    }

    /**
     * What every key, path or file name of ours in the store begins with ({@code prefix}, {@code holdfast} by default).
     *
     * @return 1 to 200 letters, digits and {@code . _ : / -}; no slash at its end, and no empty, {@code .} or {@code ..} step between
     *     slashes
     */
    public String prefix() {
        return parts.settings().require(CommonKey.PREFIX).text();
    }

    /**
     * The lease asked for ({@code lease}, 30 s by default).
     *
     * @return positive, at most 365 days; the engine checks it against {@link Capabilities} after the backend was made
     */
    public Duration lease() {
        return parts.settings().require(CommonKey.LEASE).duration();
    }

    /**
     * How long opening may take, all tries together ({@code connect-timeout}, 10 s by default; rule OP-1).
     *
     * @return positive
     */
    public Duration connectTimeout() {
        return parts.settings().require(CommonKey.CONNECT_TIMEOUT).duration();
    }

    /**
     * How long one try at opening may take, so that one which hangs leaves time for another (rule OP-1).
     *
     * @param connectTimeout of all tries together
     * @param operationTimeout of one request
     * @return half of the first, but not less than the second, nor more than ten times the second, nor more than the first: who waits
     *     for a store for minutes is not kept that long by a server that hangs, or by a wrong setting that looks like one
     */
    public static Duration oneTry(Duration connectTimeout, Duration operationTimeout) {
        Duration most = operationTimeout.multipliedBy(10);
        Duration half = connectTimeout.dividedBy(2);
        Duration share = Collections.max(List.of(operationTimeout, Collections.min(List.of(half, most))));
        return share.compareTo(connectTimeout) < 0 ? share : connectTimeout;
    }

    /**
     * How long one request may take ({@code operation-timeout}, 3 s by default).
     *
     * @return positive
     */
    public Duration operationTimeout() {
        return parts.settings().require(CommonKey.OPERATION_TIMEOUT).duration();
    }

    /**
     * The user name: {@code user}, or that of the address.
     *
     * @return empty when there is none
     */
    public Optional<String> user() {
        return parts.settings().common(CommonKey.USER).map(Setting::text);
    }

    /**
     * The password: {@code password}, what the file {@code password-file} holds but for its last line end, or that of the
     * address.
     *
     * @return empty when there is none
     * @throws io.holdfast.LockConfigException when two are given with the same strength, or the file is not readable
     */
    public Optional<Secret> password() {
        return parts.settings().password();
    }

    /**
     * The settings {@code tls.*}.
     *
     * @return their files and flags
     */
    public TlsSettings tls() {
        return tls;
    }

    /**
     * What a diagnosis says of the way to the servers, by the settings alone: credentials in the clear, a certificate that is not
     * checked, a password file that others may read or write.
     *
     * @param encrypted whether the store is spoken to by TLS, as its scheme says
     * @return a finding of the subject "transport", and further ones where there is something to say; each store's diagnosis has them
     */
    public List<StoreFinding> way(boolean encrypted) {
        return Way.findings(this, encrypted, parts.settings().openPasswordFile());
    }

    /**
     * Asks the first server whether it speaks TLS where the scheme says that it does not, or the other way round; for {@link
     * LockBackendProvider#mistake}. It blocks for a few seconds at most.
     *
     * @param encrypted whether the store is spoken to by TLS, as its scheme says
     * @param usualPort the port to ask when the address names none
     * @param greeting what to send to a server without TLS so that it answers, such as {@code PING} and a line end
     * @param other the scheme to write when the present one is wrong
     * @return what to do; empty when it speaks as the scheme says, or not at all
     */
    public Optional<String> tlsMistake(boolean encrypted, int usualPort, String greeting, String other) {
        if (uri().hosts().isEmpty()) {
            return Optional.empty();
        }
        StoreUri.Host host = uri().hosts().get(0);
        int port = host.portOr(usualPort);
        Duration part = connectTimeout().dividedBy(10);
        TlsProbe probe = new TlsProbe(host.name(), port, part.compareTo(MOMENT) < 0 ? part : MOMENT);
        boolean tls = probe.speaksTls();
        if (tls == encrypted || (encrypted && !probe.speaksPlain(greeting))) {
            return Optional.empty();
        }
        return Optional.of(host.name() + ":" + port + (tls ? " speaks TLS" : " answers without TLS") + "; write "
                + other + ": in place of " + uri().scheme() + ":");
    }

    /**
     * Where clock, scheduler and executor come from.
     *
     * @return the client's runtime
     * @throws io.holdfast.LockConfigException when this was made of a configuration without one
     */
    public LockRuntime runtime() {
        LockRuntime runtime = parts.runtime();
        if (runtime == null) {
            throw new LockConfigException("this configuration has no runtime; give it one by LockConfig.withRuntime");
        }
        return runtime;
    }

    /**
     * Who the client is, for people.
     *
     * @return host and process unless told otherwise; at most 200 characters
     */
    public String label() {
        String label = parts.label();
        return label == null ? HostLabel.get() : label;
    }

    /**
     * A setting as text.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @return empty when no source has it
     */
    public Optional<String> text(String key) {
        return parts.settings().find(key).map(Setting::text);
    }

    /**
     * A setting as a duration with a unit, such as {@code 500ms} or {@code PT5M}.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @param usual the value when no source has it
     * @return zero or positive
     */
    public Duration duration(String key, Duration usual) {
        return parts.settings().find(key).map(Setting::duration).orElse(usual);
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
        return parts.settings()
                .find(key)
                .map(setting -> Math.toIntExact(setting.number(minimum, maximum)))
                .orElse(usual);
    }

    /**
     * A setting that is {@code true} or {@code false}.
     *
     * @param key one of {@link LockBackendProvider#settings()}
     * @param usual the value when no source has it
     * @return the value
     */
    public boolean flag(String key, boolean usual) {
        return parts.settings().find(key).map(Setting::flag).orElse(usual);
    }

    /**
     * A setting that nobody may see.
     *
     * @param key one of {@link LockBackendProvider#settings()}; name it so that {@link LockConfig#isSecret} says yes, or its value shows
     *     where settings are shown
     * @return empty when no source has it
     */
    public Optional<Secret> secret(String key) {
        return parts.settings().find(key).map(BackendConfig::secret);
    }

    /**
     * Refuses a duration that a program gave and that is out of its range: for settings beside a store client that was lent.
     *
     * @param key the setting's key, for the error
     * @param value what the program gave
     * @param least the smallest allowed
     * @param most the largest allowed
     * @throws io.holdfast.LockConfigException when it is not between the two
     */
    public static void requireWithin(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new LockConfigException("setting '" + key + "' is " + DurationFormat.show(value) + "; it is "
                    + DurationFormat.show(least) + " to " + DurationFormat.show(most));
        }
    }

    private static Secret secret(Setting setting) {
        StrayCharacters.refuse(setting);
        return Secret.of(setting.text());
    }

    @Override
    public String toString() {
        return "BackendConfig[" + parts.settings() + "]";
    }
}
