// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One source of settings and how it spells keys; immutable.
 *
 * <p>Environment variables are {@code HOLDFAST_TLS_CA}, everything else is {@code holdfast.tls.ca}; a client's name comes between
 * prefix and key.
 */
public final class Layer {
    /**
     * Variables that are no settings: our tool sets the first three for its command, so that a HOLDFAST_TOKEN in the environment
     * of a nested program is a fencing token and must never be read as the token of a store.
     */
    private static final Set<String> NO_SETTINGS = Set.of("LOCK", "TOKEN", "STORE", "CONFIG", "HOME");

    /** What the kit, the simulation and the examples read for themselves; no client can have such a name. */
    private static final Set<String> OTHERS = Set.of("tck", "sim", "servers", "bench");

    private static final String PROPERTY_PREFIX = "holdfast.";
    /** The kind of source that the environment is. */
    static final String VARIABLE = "environment variable ";

    private static final String VARIABLE_PREFIX = "HOLDFAST_";

    private final String kind;
    private final String prefix;
    private final Map<String, String> entries;

    private Layer(String kind, String prefix, Map<String, String> entries) {
        this.kind = kind;
        this.prefix = prefix;
        this.entries = entries;
    }

    static Layer ofProperties(Map<String, String> properties) {
        Map<String, String> ours = stripped(properties, PROPERTY_PREFIX);
        ours.remove("config");
        return new Layer("system property ", PROPERTY_PREFIX, ours);
    }

    /** A variable that is set to nothing counts as not set: {@code HOLDFAST_URL= command} is how shells unset one. */
    static Layer ofEnvironment(Map<String, String> variables) {
        Map<String, String> ours = stripped(variables, VARIABLE_PREFIX);
        ours.keySet().removeAll(NO_SETTINGS);
        ours.values().removeIf(String::isEmpty);
        ours.entrySet().removeIf(variable -> ServiceLinks.isOne(variable.getKey(), variable.getValue()));
        return new Layer(VARIABLE, VARIABLE_PREFIX, ours);
    }

    /** A file's keys all begin with {@code holdfast.}, so that a line is the same in a file and on a command line. */
    static Layer ofFile(String name, Map<String, String> lines) {
        return new Layer(name + ", ", PROPERTY_PREFIX, stripped(lines, PROPERTY_PREFIX));
    }

    private static Map<String, String> stripped(Map<String, String> all, String prefix) {
        Map<String, String> ours = new TreeMap<>();
        all.forEach((name, value) -> {
            if (name.startsWith(prefix) && !isOthers(name.substring(prefix.length()))) {
                ours.put(name.substring(prefix.length()), value);
            }
        });
        return ours;
    }

    static boolean isOthers(String name) {
        String first = name.split("[._]", 2)[0].toLowerCase(Locale.ROOT);
        return OTHERS.contains(first);
    }

    /** The value for a client of that name, or for all clients when it is null. */
    Optional<Setting> find(@Nullable String client, String key) {
        String name = spelled(client == null ? key : client + "." + key);
        return Optional.ofNullable(entries.get(name)).map(text -> new Setting(key, text, kind + prefix + name));
    }

    /** A key as this source spells it, without its prefix. */
    String spelled(String key) {
        return prefix.equals(VARIABLE_PREFIX) ? variable(key) : key;
    }

    /** A key as environment variables spell it, without the prefix. */
    static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What lies between a client's name and a key. */
    char separator() {
        return prefix.charAt(prefix.length() - 1);
    }

    /** All that is in this source, as it is spelled there without its prefix. */
    Set<String> names() {
        return entries.keySet();
    }

    /** The kind of source, for a message that goes on with prefix and name. */
    String kind() {
        return kind;
    }

    /** What every name of ours begins with in this source. */
    String prefix() {
        return prefix;
    }
}
