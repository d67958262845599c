// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ZooKeeper's words of four letters, which a server answers to anybody: {@code srvr} always, others when it is told to. Blocking. */
final class ServerWords {
    private static final int MILLIS = 3_000;
    private static final int MOST_BYTES = 1 << 20;

    private final InetSocketAddress server;

    ServerWords(InetSocketAddress server) {
        this.server = server;
    }

    /** What the server says; empty when it does not know the word, or does not answer. */
    Optional<String> say(String word) {
        // Unresolved until now: a name may have got another address.
        InetSocketAddress now = new InetSocketAddress(server.getHostString(), server.getPort());
        try (Socket socket = new Socket()) {
            socket.connect(now, MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            String said = new String(socket.getInputStream().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            return said.isBlank() || said.contains("is not executed because it is not in the whitelist")
                    ? Optional.empty()
                    : Optional.of(said);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What stands behind a word at the beginning of a line, and {@code =}, {@code :} or white space. */
    static Optional<String> value(String said, String key) {
        Matcher line = Pattern.compile("^" + Pattern.quote(key) + "[=:\\s]\\s*(.*)$", Pattern.MULTILINE)
                .matcher(said);
        return line.find() ? Optional.of(line.group(1).trim()) : Optional.empty();
    }

    @Override
    public String toString() {
        return server.getHostString() + ":" + server.getPort();
    }
}
