// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.LockNames;
import java.util.List;
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
                throw unknown("set by the program: ", key, plain(key, known));
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

    /**
     * Checks an address's query: against the common keys and the backend's that the address chose, and against those of them that a
     * URL may set (rule CF-6) unless it is trusted.
     *
     * @param settings with the address
     * @param keys the chosen backend's
     * @param urlKeys those of them that a URL may set
     */
    public static void checkQuery(Settings settings, Set<String> keys, Set<String> urlKeys) {
        Set<String> given = settings.uri().map(uri -> uri.query().keySet()).orElse(Set.of());
        Set<String> known = union(keys);
        known.removeAll(Set.of(CommonKey.URL.key(), CommonKey.TRUST_URL.key()));
        given.stream().filter(key -> !known.contains(key)).findFirst().ifPresent(key -> {
            throw unknown("the URL's query: ", key, plain(key, known));
        });
        Set<String> allowed = new TreeSet<>(CommonKey.inUrl());
        allowed.addAll(urlKeys);
        refuseInUrl(settings, given.stream().filter(key -> !allowed.contains(key)));
    }

    /** The part of {@link #checkQuery} that needs no backend. */
    public static void checkCommonInUrl(Settings settings) {
        Set<String> refused = CommonKey.keys();
        refused.removeAll(CommonKey.inUrl());
        Set<String> given = settings.uri().map(uri -> uri.query().keySet()).orElse(Set.of());
        refuseInUrl(settings, given.stream().filter(refused::contains));
    }

    private static void refuseInUrl(Settings settings, Stream<String> keys) {
        if (settings.require(CommonKey.TRUST_URL).flag()) {
            return;
        }
        keys.findFirst().ifPresent(key -> {
            throw new LockConfigException(
                    "setting '" + key + "' cannot be set by a URL's query: it names a file or decides what is trusted,"
                            + " and a URL may come from elsewhere; set it in the program, as system property"
                            + " holdfast."
                            + key + ", as environment variable HOLDFAST_" + Layer.variable(key)
                            + " or in a settings file. Where every URL comes from who may read all files of this"
                            + " program, 'trust-url' lifts this");
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

    private static List<NearKeys.Candidate> plain(String wrong, Set<String> known) {
        return known.stream()
                .map(key -> new NearKeys.Candidate(key, key, wrong))
                .toList();
    }

    /** All names that would have been right in this source, and the same in whatever section the wrong one may be in. */
    private List<NearKeys.Candidate> spellings(Layer layer, String wrong) {
        Stream<String> sections = IntStream.range(0, wrong.length())
                .filter(i -> wrong.charAt(i) == layer.separator() && isSection(wrong.substring(0, i)))
                .mapToObj(i -> wrong.substring(0, i + 1));
        return Stream.concat(Stream.of(""), sections)
                .flatMap(section -> known.stream()
                        .map(layer::spelled)
                        .map(key -> new NearKeys.Candidate(
                                layer.prefix() + section + key, key, wrong.substring(section.length()))))
                .toList();
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

    private static LockConfigException unknown(String where, String name, List<NearKeys.Candidate> right) {
        return new LockConfigException("unknown setting: " + where + LockNames.printable(name) + NearKeys.advice(right)
                + (where.equals(Layer.VARIABLE)
                        ? ". Variables that begin with HOLDFAST_ are settings: rename it, or what sets it, if it is"
                                + " none"
                        : ""));
    }
}
