// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.opening;

import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.Spelling;
import io.holdfast.spi.StoreUri;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to do about a scheme that no backend serves (rule CF-4). */
final class SchemeAdvice {
    /** Holdfast's own stores, by name alone: that one is known here does not say that its module is there. */
    private static final Map<String, Set<String>> OWN = Map.of(
            "lock-local", Set.of("file"),
            "lock-redis", Set.of("redis", "rediss", "valkey", "valkeys"),
            "lock-zookeeper", Set.of("zk", "zks", "zookeeper", "zookeepers"),
            "lock-etcd", Set.of("etcd", "etcds"),
            "lock-consul", Set.of("consul", "consuls"),
            "lock-jdbc", Set.of("jdbc"));

    private static final int SHORTEST_BEGINNING = 3;

    /** The classes of those modules that make the backends: to tell a missing jar from one whose service file is lost. */
    private static final Map<String, List<String>> PROVIDERS = Map.of(
            "lock-local", List.of("io.holdfast.local.FileBackendProvider"),
            "lock-redis", List.of("io.holdfast.redis.RedisBackendProvider"),
            "lock-zookeeper", List.of("io.holdfast.zookeeper.ZooKeeperBackendProvider"),
            "lock-etcd", List.of("io.holdfast.etcd.EtcdBackendProvider"),
            "lock-consul", List.of("io.holdfast.consul.ConsulBackendProvider"),
            "lock-jdbc", List.of("io.holdfast.jdbc.JdbcBackendProvider"));

    /** Whose usual port it is. */
    private static final Map<String, String> PORTS = Map.of(
            "6379",
            "redis",
            "6380",
            "rediss",
            "2181",
            "zookeeper",
            "2379",
            "etcd",
            "8500",
            "consul",
            "8501",
            "consuls");

    private static final Pattern HOST_AND_PORT = Pattern.compile("([0-9]{1,5})([,/].*)?");

    static final String MODULE_PATH =
            "or, where Holdfast is on the module path, put the backend and its store client on the"
                    + " class path or resolve them by --add-modules ALL-MODULE-PATH";

    private SchemeAdvice() {}

    /** The rest of a sentence, with its end. */
    static String on(StoreUri uri, Set<String> served) {
        String scheme = uri.scheme();
        Map<String, String> modules = modules();
        String module = modules.get(scheme);
        if (module != null) {
            return missing(module.substring(module.indexOf(':') + 1), module);
        }
        String address = addressWithoutScheme(uri);
        if (!address.isEmpty()) {
            return address;
        }
        Set<String> known = new TreeSet<>(modules.keySet());
        known.addAll(served);
        return nearest(scheme, known)
                .map(near ->
                        "did you mean '" + near + "'" + (served.contains(near) ? "?" : " (" + modules.get(near) + ")?"))
                .orElse("check the URL, or put the backend's module on the class path.");
    }

    private static String missing(String name, String module) {
        boolean there = PROVIDERS.getOrDefault(name, List.of()).stream().anyMatch(SchemeAdvice::isThere);
        if (there) {
            return "its classes are here, but no META-INF/services/" + LockBackendProvider.class.getName()
                    + " names them: packing many jars into one has overwritten it. Have such files merged"
                    + " (Maven Shade: ServicesResourceTransformer; Gradle Shadow: mergeServiceFiles();"
                    + " Maven Assembly: containerDescriptorHandler metaInf-services).";
        }
        boolean modular = SchemeAdvice.class.getModule().isNamed();
        return "put " + module + " on the class path" + (modular ? ", " + MODULE_PATH : "") + ".";
    }

    private static boolean isThere(String className) {
        for (ClassLoader loader :
                new ClassLoader[] {Thread.currentThread().getContextClassLoader(), SchemeAdvice.class.getClassLoader()
                }) {
            try {
                Class.forName(className, false, loader);
                return true;
            } catch (ClassNotFoundException | LinkageError notHere) {
                // The other loader may know it.
            }
        }
        return false;
    }

    /** For what others take as an address: {@code localhost:8500}, {@code zk1:2181,zk2:2181/locks}, {@code http://h:8500}. */
    private static String addressWithoutScheme(StoreUri uri) {
        if (uri.scheme().equals("http") || uri.scheme().equals("https")) {
            String port = uri.hosts().stream()
                    .flatMap(host -> host.port().stream().mapToObj(Integer::toString))
                    .findFirst()
                    .orElse("8500");
            String store = PORTS.getOrDefault(port, "consul");
            String secure = uri.scheme().equals("https") && !store.endsWith("s") ? "s" : "";
            return "a URL begins with the store's scheme, not with that of its protocol, as in " + store + secure
                    + "://HOST:" + port + ".";
        }
        Matcher rest = HOST_AND_PORT.matcher(uri.path());
        if (uri.hosts().isEmpty() && rest.matches()) {
            return "that looks like HOST:PORT. A URL begins with the store's scheme, as in "
                    + PORTS.getOrDefault(rest.group(1), "redis") + "://" + uri.scheme() + ":" + rest.group(1) + ".";
        }
        return "";
    }

    private static Map<String, String> modules() {
        Map<String, String> modules = new TreeMap<>();
        OWN.forEach((module, schemes) -> schemes.forEach(scheme -> modules.put(scheme, "io.holdfast:" + module)));
        return modules;
    }

    private static Optional<String> nearest(String scheme, Set<String> known) {
        return known.stream()
                .filter(other -> isNear(scheme, other))
                .min(Comparator.comparingInt(other -> Spelling.distance(scheme, other)));
    }

    /** A character or two are wrong and most are right, or one is the beginning of the other. */
    private static boolean isNear(String scheme, String other) {
        int shorter = Math.min(scheme.length(), other.length());
        return Spelling.distance(scheme, other) <= Math.min(2, shorter / 2)
                || (shorter >= SHORTEST_BEGINNING && (other.startsWith(scheme) || scheme.startsWith(other)));
    }
}
