// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses where servers run, once for the JVM: what the property {@code holdfast.servers} names; by default the first of those
 * found on the class path that can be used now, else the programs of this machine.
 */
final class ServerHosts {
    private static final String CHOICE = "holdfast.servers";

    private static @Nullable ServerHost chosen;

    private ServerHosts() {}

    static synchronized ServerHost chosen() {
        ServerHost host = chosen;
        if (host == null) {
            List<ServerHost> found = ServiceLoader.load(ServerHost.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
            host = choose(setting(CHOICE, "auto"), found, programs());
            chosen = host;
        }
        return host;
    }

    /** The one chosen, or the programs of this machine for a kind that it does not serve. */
    static ServerHost chosenFor(StoreKind kind) {
        ServerHost host = chosen();
        return host.serves(kind) ? host : programs();
    }

    static ServerHost choose(String choice, List<ServerHost> found, ServerHost programs) {
        if (choice.equals("auto")) {
            return found.stream()
                    .filter(host -> host.obstacle().isEmpty())
                    .findFirst()
                    .orElse(programs);
        }
        ServerHost named = Stream.concat(found.stream(), Stream.of(programs))
                .filter(host -> host.name().equals(choice))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(CHOICE + " is '" + choice + "'; on this class path it can be auto, "
                                + Stream.concat(found.stream(), Stream.of(programs))
                                        .map(ServerHost::name)
                                        .collect(Collectors.joining(", "))));
        Optional<String> obstacle = named.obstacle();
        if (obstacle.isPresent()) {
            throw new ServerUnavailableException(CHOICE + " is '" + choice + "', but " + obstacle.get());
        }
        return named;
    }

    private static ServerHost programs() {
        String usual = Path.of(System.getProperty("user.home"), ".cache", "holdfast", "servers")
                .toString();
        String path = System.getenv("PATH");
        return new ProgramHost(Path.of(setting("holdfast.servers.prefix", usual)), path == null ? "" : path);
    }

    /** The system property of that name, else the environment variable in capitals with underscores, else what is usual. */
    static String setting(String name, String usual) {
        String variable =
                System.getenv(name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
        return System.getProperty(name, variable == null || variable.isEmpty() ? usual : variable);
    }
}
