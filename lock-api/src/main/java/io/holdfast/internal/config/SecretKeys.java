// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Which settings nobody may see. */
public final class SecretKeys {
    private static final Set<String> HARMLESS = Set.of("token-base", "token-retention");

    private SecretKeys() {}

    /** By the key alone: a backend that is not there, or a key with a typing error, must not show its value either. */
    public static boolean isSecret(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        if (HARMLESS.contains(lower) || lower.endsWith("-file")) {
            return false;
        }
        return Stream.of("-key", ".key", "_key", "apikey").anyMatch(lower::endsWith)
                || Stream.of("pass", "pwd", "token", "secret", "credential", "bearer", "jwt")
                        .anyMatch(lower::contains);
    }
}
