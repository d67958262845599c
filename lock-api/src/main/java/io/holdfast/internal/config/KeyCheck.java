// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.internal.Names;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Refuses keys that nobody knows, in every source (rule CF-2): a setting with a typing error would be silently a default.
 *
 * <p>Known are the common keys and those of every backend found, because one environment may hold the settings of several
 * stores. The query of an address belongs to one store and knows that one's only.
 */
public final class KeyCheck {
    private final Set<String> known;

    /** With the keys of every backend found. */
    public KeyCheck(Set<String> backendKeys) {
        this.known = union(backendKeys);
    }

    private static Set<String> union(Set<String> backendKeys) {
        Set<String> all = new TreeSet<>(CommonKey.keys());
        all.addAll(backendKeys);
        return all;
    }

    /** Checks what the program set and every source of the environment. */
    public void check(Settings settings) {
        String client = settings.client();
        if (client != null) {
            settings.environment().forEach(layer -> refuseAmbiguous(client, layer));
        }
        for (String key : new TreeSet<>(settings.programKeys())) {
            if (!known.contains(key)) {
                throw unknown("set by the program: ", key, known);
            }
        }
        for (Layer layer : settings.environment()) {
            layer.names().stream()
                    .filter(name -> !isKnown(layer, name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw unknown(layer.kind(), layer.prefix() + name, spellings(layer, name));
                    });
        }
    }

    /** Checks an address's query against the common keys and the backend's that the address chose. */
    public static void checkQuery(Set<String> queryKeys, Set<String> chosenBackendKeys) {
        Set<String> allowed = union(chosenBackendKeys);
        allowed.remove(CommonKey.URL.key());
        queryKeys.stream().filter(key -> !allowed.contains(key)).findFirst().ifPresent(key -> {
            throw unknown("the URL's query: ", key, allowed);
        });
    }

    /** A section of another client is none of ours: only its form is looked at. */
    private boolean isKnown(Layer layer, String name) {
        return known.stream().map(layer::spelled).anyMatch(key -> {
            int separator = name.length() - key.length() - 1;
            return name.equals(key)
                    || (separator >= 0
                            && name.endsWith(key)
                            && name.charAt(separator) == layer.separator()
                            && isSection(name.substring(0, separator)));
        });
    }

    private static boolean isSection(String text) {
        return !text.isEmpty() && text.indexOf('.') < 0;
    }

    /** All names that would have been right in this source, and the same in whatever section the wrong one may be in. */
    private Set<String> spellings(Layer layer, String wrong) {
        Stream<String> sections = IntStream.range(0, wrong.length())
                .filter(i -> wrong.charAt(i) == layer.separator() && isSection(wrong.substring(0, i)))
                .mapToObj(i -> wrong.substring(0, i + 1));
        return Stream.concat(Stream.of(""), sections)
                .flatMap(section -> known.stream().map(key -> layer.prefix() + section + layer.spelled(key)))
                .collect(Collectors.toSet());
    }

    private void refuseAmbiguous(String client, Layer layer) {
        Set<String> plain = known.stream().map(layer::spelled).collect(Collectors.toSet());
        known.stream()
                .map(key -> layer.spelled(client + "." + key))
                .filter(plain::contains)
                .findFirst()
                .ifPresent(both -> {
                    throw new LockConfigException("client name '" + client + "' cannot be used: '" + both
                            + "' would be a setting of that client and one of all clients; choose another name");
                });
    }

    private static LockConfigException unknown(String where, String name, Set<String> right) {
        String nearest = right.stream()
                .min(Comparator.<String>comparingInt(key -> distance(name, key))
                        .thenComparing(String::length)
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
        return new LockConfigException(
                "unknown setting: " + where + Names.printable(name) + "; the nearest known one is " + nearest);
    }

    /** Levenshtein's distance: the fewest insertions, deletions and replacements of a character from one to the other. */
    public static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
