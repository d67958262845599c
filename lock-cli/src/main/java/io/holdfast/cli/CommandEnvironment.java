// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.spi.StoreUri;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What COMMAND finds in its environment: all that the tool's caller had (rule TO-5), but for the secrets of the store (rule TO-7).
 *
 * <p>The script that starts the tool changes a few variables for Java's sake and says here what they were.
 */
final class CommandEnvironment {
    private static final String LOCALE = "LC_ALL";
    private static final String LOCALE_BEFORE = "io.holdfast.cli.locale";

    /** Variables that Java itself would have obeyed. */
    private static final String KEPT = "_HOLDFAST_KEPT_";

    /** Those that no shell can hand on, as the kernel had them, in Base64. */
    private static final String ODD = "_HOLDFAST_ENVIRON";

    private static final String OURS = "HOLDFAST_";

    private CommandEnvironment() {}

    /**
     * Makes it.
     *
     * @param given this process's
     * @param withSecrets whether COMMAND is to have the store's passwords, to call the tool itself
     */
    static Map<String, String> of(Map<String, String> given, boolean withSecrets) {
        Map<String, String> own = new HashMap<>(given);
        String odd = own.remove(ODD);
        if (odd != null) {
            addOdd(odd, own);
        }
        given.forEach((name, value) -> {
            if (name.startsWith(KEPT)) {
                own.remove(name);
                own.put(name.substring(KEPT.length()), value);
            }
        });
        String locale = System.getProperty(LOCALE_BEFORE);
        if (locale != null && locale.isEmpty()) {
            own.remove(LOCALE);
        } else if (locale != null) {
            own.put(LOCALE, locale);
        }
        if (!withSecrets) {
            removeSecrets(own);
        }
        return own;
    }

    private static void addOdd(String encoded, Map<String, String> own) {
        String entries;
        try {
            entries = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
                    .toString();
        } catch (CharacterCodingException bytes) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "a variable whose name no shell can have is no text in UTF-8, and would reach the command changed;"
                            + " unset it, or set it within the command",
                    bytes);
        }
        for (String entry : entries.split("\0", -1)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                own.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
    }

    private static void removeSecrets(Map<String, String> own) {
        for (String name :
                own.keySet().stream().filter(name -> name.startsWith(OURS)).toList()) {
            String key = name.substring(OURS.length()).toLowerCase(Locale.ROOT).replace('_', '-');
            if (key.equals("url") || key.endsWith("-url")) {
                Optional<String> url = withoutSecrets(own.getOrDefault(name, ""));
                own.remove(name);
                url.ifPresent(shown -> own.put(name, shown));
            } else if (isSecret(key)) {
                own.remove(name);
            }
        }
    }

    /** A variable with the name of a file, as the one of a private key, has no secret in it; COMMAND's user may read it anyway. */
    private static boolean isSecret(String key) {
        return LockConfig.isSecret(key) && !key.equals("tls-key") && !key.endsWith("-tls-key");
    }

    /** The same address without user and password; nothing when it cannot be read, for then nobody knows what is secret in it. */
    private static Optional<String> withoutSecrets(String url) {
        try {
            StoreUri uri = StoreUri.parse(url);
            return !uri.hasSecrets() && uri.user().isEmpty() ? Optional.of(url) : Optional.of(stripped(uri));
        } catch (LockException malformed) {
            return url.isEmpty() ? Optional.of(url) : Optional.empty();
        }
    }

    private static String stripped(StoreUri uri) {
        String shown = uri.redacted();
        int question = shown.indexOf('?');
        String address = question < 0 ? shown : shown.substring(0, question);
        StringBuilder out = new StringBuilder(address.replaceFirst("\\*\\*\\*@", ""));
        if (question >= 0) {
            String separator = "?";
            for (String setting : shown.substring(question + 1).split("&", -1)) {
                if (!setting.endsWith("=***")) {
                    out.append(separator).append(setting);
                    separator = "&";
                }
            }
        }
        return out.toString();
    }
}
