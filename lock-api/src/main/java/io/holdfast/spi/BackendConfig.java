// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/** The settings of a backend; being built. */
public final class BackendConfig {
    private BackendConfig() {}
}
