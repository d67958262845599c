// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.opening;

import io.holdfast.LockConfigException;
import io.holdfast.internal.SafeLog;
import io.holdfast.memory.MemoryBackendProvider;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.StoreUri;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.CodeSource;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The providers that this program can see, each with where it came from (rule CF-4). */
final class Providers {
    private static final Logger LOG = System.getLogger("io.holdfast");

    /** A service file that fails for ever must not keep {@code open} for ever. */
    private static final int MOST_BROKEN = 100;

    /** By class: two loaders that see the same class find one provider. */
    private final Map<Class<?>, Found> found = new LinkedHashMap<>();

    private final Set<String> broken = new LinkedHashSet<>();

    /** A provider and what it said of itself. */
    record Found(LockBackendProvider provider, Set<String> schemes, Set<String> keys, Set<String> urlKeys) {
        /** Class, schemes, and the jar or folder. */
        @Override
        public String toString() {
            CodeSource source = provider.getClass().getProtectionDomain().getCodeSource();
            return provider.getClass().getName() + " for " + String.join(", ", new TreeSet<>(schemes)) + " from "
                    + (source == null || source.getLocation() == null ? "an unknown place" : source.getLocation());
        }
    }

    private Providers() {}

    /** Asks the thread's context class loader, which sees the application's backends, and then our own. */
    static Providers find() {
        return find(Thread.currentThread().getContextClassLoader(), Providers.class.getClassLoader());
    }

    static Providers find(@Nullable ClassLoader... loaders) {
        Providers providers = new Providers();
        // Of this jar. A service file in it would be one more to lose where jars are packed into one,
        // and what a second copy of this jar in another loader would offer is no provider here.
        providers.add(new MemoryBackendProvider());
        for (ClassLoader loader : loaders) {
            providers.add(ServiceLoader.load(LockBackendProvider.class, loader).iterator());
        }
        return providers;
    }

    /** One that cannot be loaded, or does not answer, must not hide the others: it is kept by name. */
    private void add(Iterator<LockBackendProvider> providers) {
        while (broken.size() < MOST_BROKEN) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                add(providers.next());
            } catch (ServiceConfigurationError | LinkageError failure) {
                unusable(failure.getMessage() + (failure.getCause() == null ? "" : ": " + failure.getCause()), failure);
            }
        }
    }

    private void add(LockBackendProvider provider) {
        try {
            Set<String> schemes = Set.copyOf(provider.schemes());
            Set<String> keys = Set.copyOf(provider.settings().keySet());
            Set<String> urlKeys = Set.copyOf(provider.urlSettings());
            found.putIfAbsent(provider.getClass(), new Found(provider, schemes, keys, urlKeys));
        } catch (RuntimeException | LinkageError failure) {
            unusable(provider.getClass().getName() + " does not tell its schemes and settings: " + failure, failure);
        }
    }

    private void unusable(String what, Throwable failure) {
        if (broken.add(what)) {
            SafeLog.log(LOG, Level.WARNING, "a backend cannot be used: " + what, failure);
        }
    }

    /** The settings of all of them. */
    Set<String> keys() {
        return found.values().stream().flatMap(f -> f.keys().stream()).collect(Collectors.toSet());
    }

    /** Those of them that a URL's query may set. */
    Set<String> urlKeys() {
        return found.values().stream().flatMap(f -> f.urlKeys().stream()).collect(Collectors.toSet());
    }

    /**
     * The one for an address's scheme.
     *
     * @throws LockConfigException when there is none or more than one
     */
    Found forScheme(StoreUri uri) {
        String scheme = uri.scheme();
        List<Found> right = found.values().stream()
                .filter(f -> f.schemes().contains(scheme))
                .toList();
        if (right.size() == 1) {
            return right.get(0);
        }
        String unusable = broken.isEmpty() ? "" : ". Not usable: " + String.join("; ", broken);
        if (right.isEmpty()) {
            Set<String> served = found.values().stream()
                    .flatMap(f -> f.schemes().stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            // Where they came from helps whoever packs class paths, and hides from all others what they need to read.
            SafeLog.log(LOG, Level.DEBUG, () -> "providers found: " + listed(found.values()));
            throw new LockConfigException("no backend serves the scheme '" + scheme + "'; "
                    + SchemeAdvice.on(uri, served) + " Schemes served here: "
                    + String.join(", ", served) + (unusable.isEmpty() ? "." : unusable));
        }
        throw new LockConfigException("more than one backend serves the scheme '" + scheme
                + "'; leave one of them on the class path. Found: " + listed(right) + unusable);
    }

    private static String listed(Collection<Found> providers) {
        return providers.stream().map(Found::toString).sorted().collect(Collectors.joining("; "));
    }
}
