// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.server;

import java.nio.file.Path;
import java.util.Locale;

/**
 * Chooses where servers run, once for the JVM.
 *
 * <p>A setting is the system property of its name, else the environment variable in capitals with underscores.
 */
final class ServerHosts {
    private static final String CHOICE = "holdfast.tck.servers";
    private static final String PREFIX = "holdfast.tck.servers.prefix";

    private ServerHosts() {}

    static ServerHost chosen() {
        return Holder.HOST;
    }

    private static ServerHost choose(String choice) {
        return switch (choice) {
            case "auto", "programs" -> programs();
            default ->
                throw new IllegalStateException(CHOICE + " is '" + choice + "'; it can be auto, programs or docker");
        };
    }

    private static ServerHost programs() {
        String usual = Path.of(System.getProperty("user.home"), ".cache", "holdfast", "servers")
                .toString();
        String path = System.getenv("PATH");
        return new ProgramHost(Path.of(setting(PREFIX, usual)), path == null ? "" : path);
    }

    static String setting(String name, String usual) {
        String variable =
                System.getenv(name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
        return System.getProperty(name, variable == null || variable.isEmpty() ? usual : variable);
    }

    private static final class Holder {
        static final ServerHost HOST = choose(setting(CHOICE, "auto"));
    }
}
