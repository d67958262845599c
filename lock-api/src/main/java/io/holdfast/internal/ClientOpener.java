// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;

/** From a configuration to a connected client. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class ClientOpener {
    private ClientOpener() {}

    /** Finds the provider of the URL's scheme, makes its backend, and connects; the client closes the backend. */
    public static LockClient open(LockConfig config) {
        throw new UnsupportedOperationException("the engine is being built: " + config);
    }

    /** Connects over a backend that stays the caller's. */
    public static LockClient open(LockBackend backend, LockConfig config) {
        throw new UnsupportedOperationException("the engine is being built: " + config + backend);
    }
}
