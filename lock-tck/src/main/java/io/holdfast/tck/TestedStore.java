// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Capabilities;
import java.util.Objects;

/**
 * The store that a run is about.
 *
 * @param address what the backend says of it, without secrets
 * @param serverVersion what the server says of itself; empty where nobody asked it
 * @param capabilities what the backend declares
 * @param fixture how the kit reached it
 */
public record TestedStore(String address, String serverVersion, Capabilities capabilities, UsedFixture fixture) {
    /**
     * Checks that nothing is null.
     *
     * @param address what the backend says of it
     * @param serverVersion what the server says of itself
     * @param capabilities what the backend declares
     * @param fixture how the kit reached it
     */
    public TestedStore {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(serverVersion, "serverVersion");
        Objects.requireNonNull(capabilities, "capabilities");
        Objects.requireNonNull(fixture, "fixture");
    }
}
