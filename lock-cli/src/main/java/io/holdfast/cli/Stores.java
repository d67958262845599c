// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import java.util.Optional;

/** Where the commands get their settings and their client from; replaced in tests. */
@FunctionalInterface
interface Stores {
    /**
     * Brings together what the options, the environment and the defaults say; makes nothing.
     *
     * @param options what the command line says of the store
     * @param report where a warning goes
     * @return settings with an address
     */
    LockConfig config(StoreOptions options, Report report);

    /** Opens a client with them. */
    default LockClient open(StoreOptions options, Report report) {
        return LockClient.open(config(options, report));
    }

    /** The same for who only asks: empty for a store that nobody has used yet, which is not made for a question. */
    default Optional<LockClient> openToAsk(StoreOptions options, Report report) {
        return Optional.of(open(options, report));
    }
}
