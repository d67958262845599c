// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.lab.server.ServerNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server counts. */
record Counters(InetSocketAddress server) {
    static Counters of(ServerNode node) {
        return new Counters(node.address());
    }

    private String ask(String word) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String find(String pattern, String text) {
        Matcher line = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        if (!line.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return line.group(1);
    }

    private long counted(String name) throws IOException {
        return Long.parseLong(find("^" + name + "\\s+(\\d+)", ask("mntr")));
    }

    /** Requests, pings among them. */
    long requests() throws IOException {
        return counted("zk_packets_received");
    }

    /** Watches that are set now: one for each node and connection. */
    long watches() throws IOException {
        return counted("zk_watch_count");
    }

    long connections() throws IOException {
        return counted("zk_num_alive_connections");
    }

    /** Writes of everybody since the server began; a session's beginning and end are two of them. */
    long writes() throws IOException {
        return Long.parseLong(find("^Zxid: 0x([0-9a-f]+)", ask("srvr")), 16);
    }
}
