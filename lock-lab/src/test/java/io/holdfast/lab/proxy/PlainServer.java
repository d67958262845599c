// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server with a thread for each connection, which keeps what it is sent, and sends it back when it is an echo. */
final class PlainServer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    private final boolean echo;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final Thread acceptor = new Thread(this::accept, "plain-server");

    PlainServer(boolean echo) throws IOException {
        this.echo = echo;
        acceptor.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    List<Connection> connections() {
        return connections;
    }

    private void accept() {
        try {
            while (true) {
                Connection connection = new Connection(listener.accept());
                connections.add(connection);
                connection.start();
            }
        } catch (IOException closed) {
            // Closed: the server ends.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        join(acceptor);
        for (Connection connection : connections) {
            connection.socket.close();
            join(connection);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(thread.getName() + " may still run", e);
        }
    }

    enum Ended {
        NOT_YET,
        IN_ORDER,
        BY_RESET
    }

    final class Connection extends Thread {
        private final Socket socket;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private volatile Ended ended = Ended.NOT_YET;

        Connection(Socket socket) {
            super("plain-server-connection");
            this.socket = socket;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[64 << 10];
            try (socket) {
                InputStream in = socket.getInputStream();
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    synchronized (received) {
                        received.write(buffer, 0, count);
                    }
                    if (echo) {
                        socket.getOutputStream().write(buffer, 0, count);
                    }
                }
                ended = Ended.IN_ORDER;
            } catch (IOException e) {
                ended = Ended.BY_RESET;
            }
        }

        byte[] received() {
            synchronized (received) {
                return received.toByteArray();
            }
        }

        String receivedText() {
            return new String(received(), StandardCharsets.UTF_8);
        }

        Ended ended() {
            return ended;
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
