// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/** The settings of a client; being built. */
public final class LockConfig {
    private LockConfig() {}

    /**
     * Reads the configuration of the environment.
     *
     * @return the settings
     */
    public static LockConfig load() {
        return new LockConfig();
    }

    /**
     * A copy with another store.
     *
     * @param url the store
     * @return a copy
     */
    public LockConfig withUrl(String url) {
        return this;
    }
}
