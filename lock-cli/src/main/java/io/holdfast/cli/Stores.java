// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;

/** Where the commands get a client from; replaced in tests. */
@FunctionalInterface
interface Stores {
    /**
     * Opens a client.
     *
     * @param options what the command line says of the store
     * @param report where a warning goes
     * @return a connected client
     */
    LockClient open(StoreOptions options, Report report);
}
