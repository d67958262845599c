// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.List;
import java.util.ServiceLoader;

/** Opens a backend by the URL's scheme, as the engine does, but without a client around it. */
public final class Providers {
    private Providers() {}

    public static LockBackend open(LockConfig config) {
        BackendConfig settings = BackendConfig.of(config);
        String scheme = settings.uri().scheme();
        List<LockBackendProvider> found = ServiceLoader.load(LockBackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
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
}
