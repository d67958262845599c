// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.ServiceLoader;

/** Opens a backend by the URL's scheme, as the engine does, but without a client around it. */
public final class Providers {
    private Providers() {}

    public static LockBackend open(LockConfig config) {
        BackendConfig settings = BackendConfig.of(config);
        String scheme = settings.uri().scheme();
        for (LockBackendProvider provider : ServiceLoader.load(LockBackendProvider.class)) {
            if (provider.schemes().contains(scheme)) {
                return provider.open(settings);
            }
        }
        throw new LockConfigException("no provider on the class path serves '" + scheme
                + ":'; add the backend's jar, with its META-INF/services entry");
    }
}
