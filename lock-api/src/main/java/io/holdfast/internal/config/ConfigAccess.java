// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockRuntime;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets the engine and the backend interface read a {@link LockConfig}, which has no readers in the API: what a setting comes to
 * is the backend's and the engine's matter.
 */
public final class ConfigAccess {
    private static volatile @Nullable Function<LockConfig, Parts> reader;

    private ConfigAccess() {}

    /**
     * What a configuration is made of.
     *
     * @param settings the keys and their sources
     * @param runtime the caller's, or null for the shared one
     * @param label the caller's, or null for host and process
     */
    public record Parts(Settings settings, @Nullable LockRuntime runtime, @Nullable String label) {}

    /** Called once by {@link LockConfig} when it is loaded: whoever has one to read has loaded it. */
    public static void register(Function<LockConfig, Parts> function) {
        reader = function;
    }

    public static Parts of(LockConfig config) {
        return Objects.requireNonNull(reader, "LockConfig is loaded").apply(config);
    }
}
