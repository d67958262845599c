// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.SQLException;
import org.h2.tools.Server;

/** A server of H2 in a process of its own, which says its port and serves until its input ends. */
final class H2Main {
    private H2Main() {}

    public static void main(String[] args) throws Exception {
        // After a wrong password it lets all others wait, too, for up to 4 s; the kit tries one, beside other tests.
        System.setProperty("h2.delayWrongPasswordMin", "0");
        System.setProperty("h2.delayWrongPasswordMax", "0");
        Server server = serve();
        System.out.println("port " + server.getPort());
        while (System.in.read() >= 0) {
            // Whatever it is told: it serves on.
        }
        server.stop();
        System.exit(0);
    }

    private static Server serve() throws SQLException {
        return Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    }
}
