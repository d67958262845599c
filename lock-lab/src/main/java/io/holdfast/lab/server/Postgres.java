// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to PostgreSQL as its administrator, who needs no password, by the simple part of its protocol, version 3. */
final class Postgres implements AutoCloseable {
    private static final int PROTOCOL = 3 << 16;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Postgres(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    static Postgres open(Site site) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(Sockets.TIMEOUT_MILLIS);
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), site.clientPort()), Sockets.TIMEOUT_MILLIS);
            Postgres connection = new Postgres(socket);
            connection.begin();
            return connection;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void begin() throws IOException {
        byte[] who = "user\0root\0database\0postgres\0\0".getBytes(StandardCharsets.UTF_8);
        out.writeInt(who.length + 8);
        out.writeInt(PROTOCOL);
        out.write(who);
        out.flush();
        answer();
    }

    /** The first column of the first row; the empty string without one. */
    String ask(String statement) throws IOException {
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        out.writeByte('Q');
        out.writeInt(text.length + 5);
        out.write(text);
        out.writeByte(0);
        out.flush();
        return answer();
    }

    /** Reads until the server is ready for the next statement. */
    private String answer() throws IOException {
        String value = "";
        String failure = "";
        while (true) {
            char kind = (char) in.readByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            if (kind == 'Z') {
                break;
            } else if (kind == 'E') {
                failure = new String(body, StandardCharsets.UTF_8).replace('\0', ' ');
                if (failure.contains("FATAL")) {
                    break;
                }
            } else if (kind == 'D' && value.isEmpty()) {
                value = firstColumn(body);
            }
        }
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
        return value;
    }

    private static String firstColumn(byte[] row) throws IOException {
        DataInputStream columns = new DataInputStream(new ByteArrayInputStream(row));
        if (columns.readShort() == 0) {
            return "";
        }
        int length = columns.readInt();
        return length < 0 ? "" : new String(columns.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
