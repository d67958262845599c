// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings that every store has: key, default, and what a value must be. */
public enum CommonKey {
    URL(Setting.URL, null),
    LEASE("lease", "30s"),
    PREFIX("prefix", "holdfast"),
    TOKEN_BASE("token-base", "0"),
    HANDOFF_LIMIT("handoff-limit", "64"),
    CONNECT_TIMEOUT("connect-timeout", "10s"),
    OPERATION_TIMEOUT("operation-timeout", "3s"),
    OUTAGE_TIMEOUT("outage-timeout", "1m"),
    CLOSE_TIMEOUT("close-timeout", "10s"),
    USER("user", null),
    PASSWORD("password", null),
    PASSWORD_FILE("password-file", null),
    TLS_CA("tls.ca", null),
    TLS_CERTIFICATE("tls.certificate", null),
    TLS_KEY("tls.key", null),
    TLS_VERIFY("tls.verify", "true"),
    TRUST_URL("trust-url", "false");

    /** Tokens have 61 bits, 53 of the store and 8 of hand-offs: up to here, base and token do not overflow (FT-6). */
    static final long TOKEN_BASE_LIMIT = Long.MAX_VALUE - (1L << 61);

    /** A token has 8 bits for the hand-offs of a grant (OR-3). */
    private static final int HANDOFFS_COUNTED = 255;

    /**
     * What a URL's query may set (rule CF-6). Not what names a file: its content would go to the host that the URL names; and not
     * whether servers are looked at.
     */
    private static final Set<CommonKey> IN_URL = EnumSet.of(
            LEASE,
            PREFIX,
            TOKEN_BASE,
            HANDOFF_LIMIT,
            CONNECT_TIMEOUT,
            OPERATION_TIMEOUT,
            OUTAGE_TIMEOUT,
            CLOSE_TIMEOUT,
            USER,
            PASSWORD);

    /** Plain in every store; a step that is empty or made of dots would leave the prefix in ZooKeeper or on a disk. */
    private static final Pattern PREFIX_SYNTAX =
            Pattern.compile("/?(?!\\.{1,2}(/|$))[A-Za-z0-9._:-]+(/(?!\\.{1,2}(/|$))[A-Za-z0-9._:-]+)*");

    private static final int PREFIX_LENGTH = 200;

    private final String key;
    private final @Nullable String usual;

    CommonKey(String key, @Nullable String usual) {
        this.key = key;
        this.usual = usual;
    }

    public String key() {
        return key;
    }

    /** The default, if there is one. */
    Optional<Setting> usual() {
        return Optional.ofNullable(usual).map(text -> new Setting(key, text, "default"));
    }

    /** Throws when the value is malformed or out of range. */
    Setting checked(Setting setting) {
        switch (this) {
            case LEASE, CONNECT_TIMEOUT, OPERATION_TIMEOUT, CLOSE_TIMEOUT -> setting.positiveDuration();
            case OUTAGE_TIMEOUT -> setting.duration();
            case TOKEN_BASE -> setting.number(0, TOKEN_BASE_LIMIT);
            case HANDOFF_LIMIT -> setting.number(0, HANDOFFS_COUNTED);
            case TLS_VERIFY, TRUST_URL -> setting.flag();
            case PREFIX -> prefix(setting);
            case USER, PASSWORD -> StrayCharacters.refuse(setting);
            default -> setting.notEmpty();
        }
        return setting;
    }

    static Optional<CommonKey> of(String key) {
        return Arrays.stream(values()).filter(k -> k.key.equals(key)).findFirst();
    }

    /** Those that a URL's query may set. */
    static Set<String> inUrl() {
        return IN_URL.stream().map(CommonKey::key).collect(Collectors.toSet());
    }

    static Set<String> keys() {
        return Arrays.stream(values()).map(CommonKey::key).collect(Collectors.toSet());
    }

    private static void prefix(Setting setting) {
        if (setting.text().length() > PREFIX_LENGTH
                || !PREFIX_SYNTAX.matcher(setting.text()).matches()) {
            throw setting.wrong(
                    "must have 1 to " + PREFIX_LENGTH + " characters of A-Z a-z 0-9 . _ : - and single slashes,"
                            + " no step . or .., no slash at the end");
        }
    }
}
