// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Forwards connections from the loopback address to a server there, under another address of this machine: the server takes the
 * client for one from outside, and nothing leaves the machine.
 */
final class Relay implements AutoCloseable {
    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final InetAddress source;
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private Relay(InetSocketAddress target, InetAddress source) throws IOException {
        this.target = target;
        this.source = source;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Skips the test on a machine without another address; a failure where CI allows no skip. */
    static Relay fromAnotherAddress(InetSocketAddress target) throws IOException {
        Optional<InetAddress> source = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
                .findFirst();
        String reason = "this machine has no IPv4 address but the loopback's";
        if (source.isEmpty() && "true".equals(System.getenv("CI"))) {
            Assertions.fail("CI=true allows no skip: " + reason);
        }
        Assumptions.assumeTrue(source.isPresent(), reason);
        return new Relay(target, source.orElseThrow());
    }

    String endpoint() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket();
                sockets.add(client);
                sockets.add(server);
                server.bind(new InetSocketAddress(source, 0));
                server.connect(target);
                threads.execute(() -> copy(client, server));
                threads.execute(() -> copy(server, client));
            }
        } catch (IOException closed) {
            // By close, or because the server is gone: the clients see their connections end.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException ended) {
            // Both ends are closed.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : List.copyOf(sockets)) {
            socket.close();
        }
        threads.shutdown();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the relay does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
