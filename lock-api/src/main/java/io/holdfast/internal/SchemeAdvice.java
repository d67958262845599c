// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.internal.config.KeyCheck;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What to do about a scheme that no backend serves (rule CF-4). */
final class SchemeAdvice {
    /** Holdfast's own stores, by name alone: that one is known here does not say that its module is there. */
    private static final Map<String, Set<String>> OWN = Map.of(
            "lock-local", Set.of("file", "memory"),
            "lock-redis", Set.of("redis", "rediss", "valkey", "valkeys"),
            "lock-zookeeper", Set.of("zk", "zks", "zookeeper", "zookeepers"),
            "lock-etcd", Set.of("etcd", "etcds"),
            "lock-consul", Set.of("consul", "consuls"));

    private static final int SHORTEST_BEGINNING = 3;

    private SchemeAdvice() {}

    /** The rest of a sentence, with its end. */
    static String on(String scheme, Set<String> served) {
        Map<String, String> modules = modules();
        String module = modules.get(scheme);
        if (module != null) {
            return "put " + module + " on the class path.";
        }
        Set<String> known = new TreeSet<>(modules.keySet());
        known.addAll(served);
        return nearest(scheme, known)
                .map(near ->
                        "did you mean '" + near + "'" + (served.contains(near) ? "?" : " (" + modules.get(near) + ")?"))
                .orElse("check the URL, or put the backend's module on the class path.");
    }

    private static Map<String, String> modules() {
        Map<String, String> modules = new TreeMap<>();
        OWN.forEach((module, schemes) -> schemes.forEach(scheme -> modules.put(scheme, "io.holdfast:" + module)));
        return modules;
    }

    private static Optional<String> nearest(String scheme, Set<String> known) {
        return known.stream()
                .filter(other -> isNear(scheme, other))
                .min(Comparator.comparingInt(other -> KeyCheck.distance(scheme, other)));
    }

    /** A character or two are wrong and most are right, or one is the beginning of the other. */
    private static boolean isNear(String scheme, String other) {
        int shorter = Math.min(scheme.length(), other.length());
        return KeyCheck.distance(scheme, other) <= Math.min(2, shorter / 2)
                || (shorter >= SHORTEST_BEGINNING && (other.startsWith(scheme) || scheme.startsWith(other)));
    }
}
