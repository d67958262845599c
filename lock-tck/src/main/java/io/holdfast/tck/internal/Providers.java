// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.memory.MemoryBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Opens a backend by the URL's scheme, as the engine does, but without a client around it. */
public final class Providers {
    private static final Set<String> COMMON = Set.of(
            "prefix",
            "token-base",
            "handoff-limit",
            "connect-timeout",
            "operation-timeout",
            "outage-timeout",
            "close-timeout",
            "user",
            "password",
            "password-file",
            "tls.ca",
            "tls.certificate",
            "tls.key",
            "tls.verify");

    private Providers() {}

    /** The one that comes with the API, and those that the class path names. */
    static List<LockBackendProvider> all() {
        List<LockBackendProvider> found = new ArrayList<>(List.of(new MemoryBackendProvider()));
        ServiceLoader.load(LockBackendProvider.class).forEach(found::add);
        return found;
    }

    public static LockBackend open(LockConfig config) {
        BackendConfig settings = BackendConfig.of(config);
        String scheme = settings.uri().scheme();
        List<LockBackendProvider> found = all().stream()
                .filter(provider -> provider.schemes().contains(scheme))
                .toList();
        if (found.size() == 1) {
            return found.get(0).open(settings);
        }
        throw new LockConfigException(
                found.isEmpty()
                        ? "no provider on the class path serves '" + scheme
                                + ":'; add the backend's jar, with its META-INF/services entry"
                        : "several providers on the class path serve '" + scheme + ":': " + found
                                + "; keep one of them");
    }

    /** What a client's settings are beside its address, lease and label: those that every store has, and those of this one. */
    static Map<String, String> settings(LockConfig config) {
        BackendConfig settings = BackendConfig.of(config);
        Set<String> keys = new TreeSet<>(COMMON);
        for (LockBackendProvider provider : all()) {
            if (provider.schemes().contains(settings.uri().scheme())) {
                keys.addAll(provider.settings().keySet());
            }
        }
        Map<String, String> found = new TreeMap<>();
        keys.forEach(key -> settings.text(key).ifPresent(value -> found.put(key, value)));
        return found;
    }
}
