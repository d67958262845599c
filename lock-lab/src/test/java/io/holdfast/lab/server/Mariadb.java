// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to MariaDB as its administrator, who needs no password, by as much of the client protocol as a statement needs. */
final class Mariadb implements AutoCloseable {
    /** Long passwords, a database named at once, the protocol of 4.1, its way to log in. */
    private static final int ABILITIES = 1 | 8 | 0x200 | 0x8000;

    private final Socket socket;
    private final DataInputStream in;

    private Mariadb(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    static Mariadb open(Site site) throws IOException {
        Mariadb connection = new Mariadb(Sockets.connect(site));
        try {
            connection.read(); // the greeting
            ByteArrayOutputStream login = new ByteArrayOutputStream();
            login.write(new byte[] {(byte) ABILITIES, (byte) (ABILITIES >> 8), 0, 0, 0, 0, 0, 1, 45});
            login.write(new byte[23]);
            login.write("root\0\0holdfast\0".getBytes(StandardCharsets.UTF_8));
            connection.send(1, login.toByteArray());
            connection.read();
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** How many columns the answer has: 0 of a change. */
    int ask(String statement) throws IOException {
        send(0, ("\3" + statement).getBytes(StandardCharsets.UTF_8));
        return read()[0];
    }

    private void send(int number, byte[] message) throws IOException {
        byte[] all = new byte[message.length + 4];
        all[0] = (byte) message.length;
        all[1] = (byte) (message.length >> 8);
        all[3] = (byte) number;
        System.arraycopy(message, 0, all, 4, message.length);
        socket.getOutputStream().write(all);
    }

    private byte[] read() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.skipNBytes(1);
        byte[] message = in.readNBytes(length);
        if (length == 0 || message[0] == (byte) 0xff) {
            throw new IOException("refused: " + new String(message, StandardCharsets.UTF_8));
        }
        return message;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
