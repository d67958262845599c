// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An etcd process of a test's own, whose directory it may copy and whose cluster it may extend, which the kit's servers do not allow. */
@SuppressWarnings("try") // close waits for the process
final class Member implements AutoCloseable {
    private final Path directory;
    private final String name;
    private final int clientPort = freePort();
    private final int peerPort = freePort();
    private Process process;

    Member(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path program(String program) {
        Path installed = Path.of(System.getProperty("user.home"), ".cache", "holdfast", "servers", "bin");
        String path = System.getenv().getOrDefault("PATH", "");
        Path found = Stream.concat(
                        Stream.of(installed), Stream.of(path.split(":")).map(Path::of))
                .map(directory -> directory.resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(found != null || "true".equals(System.getenv("CI")), program + " is not installed on this machine");
        assertThat(found).as(program).isNotNull();
        return found;
    }

    String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    String named() {
        return name + "=" + peerUrl();
    }

    private Path data() {
        return directory.resolve(name);
    }

    /** Starts it as the only member of a cluster of its own, or goes on with its data. */
    Member start() {
        return start("new", named());
    }

    /** Starts it as one that was added to a cluster. */
    Member join(Member first) {
        return start("existing", first.named() + "," + named());
    }

    private Member start(String state, String cluster) {
        List<String> command = new ArrayList<>(List.of(program("etcd-3.5").toString()));
        command.addAll(List.of(
                "--name=" + name,
                "--data-dir=" + data(),
                "--listen-client-urls=http://" + endpoint(),
                "--advertise-client-urls=http://" + endpoint(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--initial-cluster=" + cluster,
                "--initial-cluster-state=" + state,
                "--log-level=warn"));
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve(name + ".log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().ignoreExceptions().until(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort), 500);
                return true;
            }
        });
        return this;
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    void backUpTo(Path backup) {
        copy(data(), backup);
    }

    void restoreFrom(Path backup) {
        try (Stream<Path> all = Files.walk(data())) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        copy(backup, data());
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path one : all.toList()) {
                Files.copy(one, to.resolve(from.relativize(one)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            kill();
        }
    }
}
