// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import io.holdfast.lab.server.ServerHost.Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running server of a test: one node or a cluster. {@link #close()} ends it and deletes what it wrote. Thread-safe.
 */
public final class StoreServer implements AutoCloseable {
    private static final int ATTEMPTS = 3;
    private static final String OFFSET_FILE = "clock-offset";

    private final Layout layout;
    private final Ports ports;
    private final Room room;
    private final List<ServerNode> nodes = new ArrayList<>();
    private @Nullable String version;
    private boolean closed;

    private StoreServer(Layout layout, Ports ports, Room room) {
        this.layout = layout;
        this.ports = ports;
        this.room = room;
        layout.sites()
                .forEach(site -> nodes.add(new ServerNode(site, room.place(site.directory(), environment(site)))));
    }

    private static Map<String, String> environment(Site site) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put(
                "CLOCK_OFFSET_FILE",
                site.layout().directory().resolve(OFFSET_FILE).toString());
        environment.putAll(site.spec().kind().recipe().environment(site));
        return environment;
    }

    /** Starts a server, on other ports when somebody was faster. */
    static StoreServer start(ServerSpec spec, ServerHost host) {
        for (int attempt = 1; ; attempt++) {
            try {
                return startOnce(spec, host);
            } catch (DidNotStartException e) {
                if (attempt == ATTEMPTS || !e.wantsOtherPorts()) {
                    throw e;
                }
            }
        }
    }

    private static StoreServer startOnce(ServerSpec spec, ServerHost host) {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            Path directory = Files.createTempDirectory("holdfast-" + spec.kind().label() + "-");
            opened.add(() -> delete(directory));
            Reaper.watch(directory);
            Ports ports = Ports.take(spec.nodes() * spec.kind().recipe().ports());
            opened.add(ports);
            Layout layout = new Layout(spec, directory, host.listenAddress(), ports.numbers());
            if (!host.keepsPorts()) {
                ports.close();
            }
            Room room = host.open(layout.plan());
            opened.add(room);
            StoreServer server = new StoreServer(layout, ports, room);
            server.launchAll();
            server.checkRelease(host);
            return server;
        } catch (IOException | RuntimeException e) {
            closeAll(opened, e);
            throw e instanceof IOException io
                    ? new UncheckedIOException(spec + " cannot be started", io)
                    : (RuntimeException) e;
        }
    }

    private static void closeAll(List<AutoCloseable> opened, Exception because) {
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception e) {
                because.addSuppressed(e);
            }
        }
    }

    private void launchAll() throws IOException {
        nodes.forEach(ServerNode::launch);
        nodes.forEach(ServerNode::awaitReady);
        layout.spec().kind().recipe().prepare(layout);
    }

    /** A program of the right name may be of another release, and what is found out with it would be said of the wrong one. */
    private void checkRelease(ServerHost host) throws IOException {
        StoreKind kind = layout.spec().kind();
        String found = kind.recipe().version(layout.first());
        if (!found.startsWith(kind.release())) {
            throw new ServerUnavailableException(
                    "the server found for " + kind + " (" + host.name() + ") is of version " + found);
        }
        version = found;
    }

    /**
     * What kind of server this is.
     *
     * @return the kind asked for
     */
    public StoreKind kind() {
        return layout.spec().kind();
    }

    /**
     * The exact version, as the server says.
     *
     * @return such as {@code 7.0.15}
     */
    public String version() {
        return String.valueOf(version);
    }

    /**
     * All nodes, in the order of their numbers.
     *
     * @return an unmodifiable list; of one, for a single server
     */
    public List<ServerNode> nodes() {
        return List.copyOf(nodes);
    }

    /**
     * The node with a number.
     *
     * @param number from 1
     * @return that node
     */
    public ServerNode node(int number) {
        return nodes.get(number - 1);
    }

    /**
     * The addresses of all nodes.
     *
     * @return {@code 127.0.0.1:PORT}, of several nodes with commas between
     */
    public String endpoints() {
        return nodes.stream().map(ServerNode::endpoint).collect(Collectors.joining(","));
    }

    /**
     * The node that leads now, as it sees it itself.
     *
     * @return empty while none does
     */
    public Optional<ServerNode> leader() {
        return nodes.stream()
                .filter(ServerNode::isUnharmed)
                .filter(ServerNode::isLeader)
                .findFirst();
    }

    /**
     * What a client needs for TLS.
     *
     * @return the files, which live as long as the server
     * @throws IllegalStateException if the server was started without TLS
     */
    public TlsFiles tls() {
        return asked(layout.tls(), "TLS");
    }

    /**
     * What a client needs to be let in.
     *
     * @return users and passwords
     * @throws IllegalStateException if the server was started without credentials
     */
    public Credentials credentials() {
        return asked(layout.credentials(), "credentials");
    }

    private <T> T asked(@Nullable T given, String what) {
        if (given == null) {
            throw new IllegalStateException(layout.spec() + " was started without " + what);
        }
        return given;
    }

    /** Stops all nodes where they are: {@link ServerNode#pause()}. */
    public void pause() {
        nodes.forEach(ServerNode::pause);
    }

    /** Lets all nodes go on: {@link ServerNode#resume()}. */
    public void resume() {
        nodes.forEach(ServerNode::resume);
    }

    /** Ends all nodes without a warning: {@link ServerNode#kill()}. */
    public void kill() {
        nodes.stream().filter(ServerNode::isRunning).forEach(ServerNode::kill);
    }

    /** Tells all nodes to end, and waits: {@link ServerNode#terminate()}. */
    public void terminate() {
        nodes.stream().filter(ServerNode::isRunning).forEach(ServerNode::terminate);
    }

    /**
     * Starts all nodes, which have ended, with the data they have, and waits until they serve.
     *
     * @throws IllegalStateException if a node runs or does not come up, or if the server is not {@link ServerSpec#durable()}
     */
    public void start() {
        if (!layout.spec().isDurable()) {
            throw new IllegalStateException(layout.spec() + " is not durable: it cannot start again with its data");
        }
        nodes.forEach(ServerNode::launch);
        nodes.forEach(ServerNode::awaitReady);
    }

    /** {@link #kill()}, then {@link #start()}. */
    public void restart() {
        kill();
        start();
    }

    /**
     * {@link #kill()}, then a start of all nodes without any data, on the same addresses; credentials are set up again.
     *
     * @throws IllegalStateException if a node does not come up
     */
    public void restartWithoutData() {
        kill();
        try {
            for (Site site : layout.sites()) {
                delete(site.data());
                Files.createDirectories(site.data());
            }
            launchAll();
        } catch (IOException e) {
            throw new UncheckedIOException(layout.spec() + " cannot be started again", e);
        }
    }

    /**
     * Moves the wall clock that the server sees; its monotonic clock goes on as it was.
     *
     * @param offset how far ahead of the true time it shall be, to the millisecond; negative is behind, zero is the true time
     * @throws IllegalStateException if the server was started without {@link ServerSpec#withMovableClock()}
     */
    public void moveClock(Duration offset) {
        if (!layout.spec().hasMovableClock()) {
            throw new IllegalStateException(layout.spec() + " was started without a movable clock");
        }
        Path file = layout.directory().resolve(OFFSET_FILE);
        Path whole = layout.directory().resolve(OFFSET_FILE + ".new");
        try {
            // In one step: the server may read it at any time.
            Files.writeString(whole, String.valueOf(offset.toMillis()));
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the clock of " + layout.spec() + " cannot be moved", e);
        }
    }

    /** Whether every node runs, and is not paused. */
    boolean isUnharmed() {
        return nodes.stream().allMatch(ServerNode::isUnharmed);
    }

    /** Ends every node, deletes all data and certificates, and frees the ports. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        room.close();
        try {
            ports.close();
            delete(layout.directory());
        } catch (IOException e) {
            throw new UncheckedIOException("what " + layout.spec() + " wrote cannot be deleted", e);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directory)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }

    @Override
    public String toString() {
        return layout.spec() + " (" + version + ") on " + endpoints();
    }
}
