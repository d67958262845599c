// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * MariaDB, with a database {@code holdfast}. Its program, {@code mariadbd-10.11} of {@code servers/install.sh}, fills an empty directory
 * first. Its administrator, {@code root}, needs no password from this machine.
 */
final class MariadbRecipe implements Recipe {
    /** In front of the version, for replicas of old releases that know no version above 5. */
    private static final String FOR_OLD_REPLICAS = "5.5.5-";

    /** The version of the protocol, which a greeting begins with; a refusal begins with 255. */
    private static final int GREETING = 10;

    @Override
    public int ports() {
        return 1;
    }

    @Override
    public boolean clusters() {
        return false;
    }

    @Override
    public List<String> configure(Site site) throws IOException {
        Credentials credentials = site.layout().credentials();
        List<String> first = new ArrayList<>(List.of("CREATE DATABASE IF NOT EXISTS holdfast;"));
        if (credentials != null) {
            first.add("CREATE USER IF NOT EXISTS '" + credentials.user() + "'@'%' IDENTIFIED BY '"
                    + credentials.password() + "';");
        }
        Files.write(site.file("first.sql"), first);
        List<String> arguments = new ArrayList<>(List.of(
                site.data().toString(),
                "--port=" + site.clientPort(),
                "--bind-address=" + site.layout().listen(),
                "--socket=" + site.file("socket"),
                "--init-file=" + site.file("first.sql"),
                "--skip-name-resolve",
                "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M",
                "--innodb-flush-log-at-trx-commit=" + (site.spec().isDurable() ? "1" : "0")));
        arguments.addAll(site.spec().lines());
        return arguments;
    }

    @Override
    public boolean isReady(Site site) throws IOException {
        return version(site).startsWith("10.");
    }

    @Override
    public void prepare(Layout layout) {
        // The program does it, before it lets anybody in.
    }

    @Override
    public String version(Site site) throws IOException {
        try (Socket socket = Sockets.connect(site);
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            in.skipNBytes(4); // length and number of the message
            int kind = in.readUnsignedByte();
            if (kind != GREETING) {
                throw new IOException("the server lets nobody in: its first byte is " + kind);
            }
            StringBuilder version = new StringBuilder();
            for (int c = in.readUnsignedByte(); c != 0; c = in.readUnsignedByte()) {
                version.append((char) c);
            }
            return version.toString().replaceFirst("^" + FOR_OLD_REPLICAS, "").replaceAll("-.*", "");
        }
    }

    @Override
    public boolean leads(Site site) {
        return true;
    }
}
