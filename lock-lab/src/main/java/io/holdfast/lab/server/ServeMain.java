// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Starts one server for a script: {@code java -cp … io.holdfast.lab.server.ServeMain REDIS_7} prints its {@code HOST:PORT} and
 * serves until its standard input ends, or the process does.
 */
public final class ServeMain {
    private static final int USAGE = 64;
    private static final int UNAVAILABLE = 69;

    private ServeMain() {}

    /**
     * Serves.
     *
     * @param args the name of a {@link StoreKind}
     * @throws IOException when standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 1
                || Arrays.stream(StoreKind.values())
                        .noneMatch(kind -> kind.name().equals(args[0].toUpperCase(Locale.ROOT)))) {
            System.err.println("name one of " + Arrays.toString(StoreKind.values()));
            System.exit(USAGE);
        }
        try (StoreServer server =
                StoreKind.valueOf(args[0].toUpperCase(Locale.ROOT)).spec().start()) {
            System.out.println(server.endpoints());
            System.in.transferTo(System.err);
        } catch (ServerUnavailableException e) {
            System.err.println(e.getMessage());
            System.exit(UNAVAILABLE);
        }
    }
}
