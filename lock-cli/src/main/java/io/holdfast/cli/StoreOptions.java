// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which store is meant, the same for every command. */
final class StoreOptions {
    @Option(
            names = {"-u", "--url"},
            paramLabel = "URI",
            description =
                    "The store, such as file:/var/lib/locks. Without it: HOLDFAST_URL, the settings file, or file: in"
                            + " ~/.local/state/holdfast.")
    @Nullable
    String url;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings: lines such as holdfast.url = file:/var/lib/locks.")
    @Nullable
    String config;

    @Option(
            names = "--class-path",
            paramLabel = "JARS",
            description = "Jars of a backend that is not built in, separated by ':'.")
    @Nullable
    String classPath;

    @Option(
            names = "--lease",
            paramLabel = "DURATION",
            description = "How long the store keeps the lock of a holder that has gone silent.")
    @Nullable
    Duration lease;
}
