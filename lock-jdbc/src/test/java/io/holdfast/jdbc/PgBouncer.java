// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A PgBouncer in transaction mode before a PostgreSQL; {@code servers/install.sh} unpacks the program. */
final class PgBouncer implements AutoCloseable {
    private static final long SECONDS = 30;

    private final Path directory;
    private final int port;
    private final Process process;

    /**
     * Starts one.
     *
     * @param server host and port of the PostgreSQL
     * @param settings lines of its settings file beside ours
     */
    PgBouncer(String server, String... settings) throws IOException {
        // Where the user that it serves as may read.
        directory = Files.createTempDirectory(
                "holdfast-pgbouncer",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        int colon = server.lastIndexOf(':');
        Path file = Files.writeString(
                directory.resolve("pgbouncer.ini"),
                String.join(
                        "\n",
                        "[databases]",
                        "postgres = host=" + server.substring(0, colon) + " port=" + server.substring(colon + 1)
                                + " user=root",
                        "[pgbouncer]",
                        "listen_addr = 127.0.0.1",
                        "listen_port = " + port,
                        "unix_socket_dir =",
                        "auth_type = any",
                        "pool_mode = transaction",
                        "default_pool_size = 2",
                        "max_client_conn = 800",
                        String.join("\n", settings),
                        ""));
        process = new ProcessBuilder(program(), file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Awaitility.await().atMost(SECONDS, TimeUnit.SECONDS).until(this::listens);
    }

    private static String program() {
        String home = System.getenv().getOrDefault("HOME", "/root");
        return System.getenv().getOrDefault("HOLDFAST_SERVERS_PREFIX", home + "/.cache/holdfast/servers")
                + "/bin/pgbouncer";
    }

    private boolean listens() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("PgBouncer ended: " + Files.readString(directory.resolve("log")));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String endpoint() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        for (String name : List.of("pgbouncer.ini", "log", "")) {
            directory.resolve(name).toFile().delete();
        }
    }
}
