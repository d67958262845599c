// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to Redis or Valkey that sends a command as a line and reads one reply. */
final class Resp implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private Resp(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Connects as the administrator, where there are credentials. */
    static Resp open(Site site) throws IOException {
        Resp resp = openAsNobody(site);
        try {
            Credentials credentials = site.layout().credentials();
            if (credentials != null) {
                resp.ask("AUTH " + credentials.admin() + " " + credentials.adminPassword());
            }
            return resp;
        } catch (IOException e) {
            resp.close();
            throw e;
        }
    }

    static Resp openAsNobody(Site site) throws IOException {
        return new Resp(Sockets.connect(site));
    }

    /** One reply, as text; an error reply is an exception. */
    String ask(String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        String line = line();
        return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
            case '+', ':' -> line.substring(1);
            case '*' -> line;
            case '$' -> bulk(Integer.parseInt(line.substring(1)));
            default -> throw new IOException(line);
        };
    }

    private String bulk(int bytes) throws IOException {
        String body = new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
        line();
        return body;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended within a reply");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
