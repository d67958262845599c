// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which server to start, and how; immutable, each method but {@link #start()} returns a copy.
 *
 * <p>Two equal specifications ask for servers that are alike, which is what {@link Servers#shared} goes by.
 */
public final class ServerSpec {
    private final StoreKind kind;
    private final int nodes;
    private final boolean tls;
    private final boolean durable;
    private final boolean movableClock;
    private final @Nullable String credentialsPrefix;
    private final @Nullable PeerLinks peerLinks;
    private final List<String> lines;

    private ServerSpec(Builder from) {
        kind = from.kind;
        nodes = from.nodes;
        tls = from.tls;
        durable = from.durable;
        movableClock = from.movableClock;
        credentialsPrefix = from.credentialsPrefix;
        peerLinks = from.peerLinks;
        lines = List.copyOf(from.lines);
    }

    static ServerSpec of(StoreKind kind) {
        return new ServerSpec(new Builder(kind));
    }

    /**
     * A cluster instead of a single server.
     *
     * @param count how many nodes: 1 or 3
     * @return the changed copy
     * @throws IllegalArgumentException if the number is another, or the kind knows no cluster here (Redis, Valkey)
     */
    public ServerSpec nodes(int count) {
        if (count != 1 && (count != 3 || !kind.recipe().clusters())) {
            throw new IllegalArgumentException(
                    kind + " has " + (kind.recipe().clusters() ? "1 node or 3" : "1 node here") + ", not " + count);
        }
        return change(b -> b.nodes = count);
    }

    /**
     * TLS for clients, who must show a certificate: {@link StoreServer#tls()}. Without it, clients connect in the clear.
     *
     * @return the changed copy
     */
    public ServerSpec withTls() {
        return change(b -> b.tls = true);
    }

    /**
     * Credentials, without which the server refuses clients: {@link StoreServer#credentials()}. The user they are for may do
     * all that a lock client needs, to keys that begin with {@code holdfast} only. (ZooKeeper has access lists on nodes
     * and refuses nobody until a node has one; its users are those of SASL.)
     *
     * @return the changed copy
     */
    public ServerSpec withCredentials() {
        return withCredentials("holdfast");
    }

    /**
     * {@link #withCredentials()} for keys that begin with another prefix.
     *
     * @param prefix what the user's keys and channels begin with
     * @return the changed copy
     */
    public ServerSpec withCredentials(String prefix) {
        return change(b -> b.credentialsPrefix = prefix);
    }

    /**
     * Data on disk, forced there before a request is answered, so that it is still there after a restart. Without it, servers
     * keep their data in memory where they can, and leave out forcing it to disk where they can: they start and answer faster.
     *
     * @return the changed copy
     */
    public ServerSpec durable() {
        return change(b -> b.durable = true);
    }

    /**
     * A wall clock of the server's own: {@link StoreServer#moveClock}. For Redis and Valkey only.
     *
     * @return the changed copy
     * @throws IllegalArgumentException if it is another kind
     */
    public ServerSpec withMovableClock() {
        if (!kind.recipe().clockCanMove()) {
            throw new IllegalArgumentException(
                    "the clock of " + kind + " cannot be moved: its program asks the kernel itself");
        }
        return change(b -> b.movableClock = true);
    }

    /**
     * Leads what the nodes of a cluster say to each other through what a test puts in between. For ZooKeeper only.
     *
     * @param links what is in between; two specifications are equal only when this is the same object
     * @return the changed copy
     * @throws IllegalArgumentException if it is another kind
     */
    public ServerSpec peersThrough(PeerLinks links) {
        if (!kind.recipe().peersCanBeLinked()) {
            throw new IllegalArgumentException("nothing can be put between the nodes of " + kind);
        }
        return change(b -> b.peerLinks = links);
    }

    /**
     * One more line of the server's own configuration, which overrides what this specification would set: a line of {@code
     * redis.conf} or {@code zoo.cfg}, a system property of ZooKeeper's ({@code -Dznode.container.checkIntervalMs=100}), an option
     * of {@code etcd} ({@code --heartbeat-interval=10}), HCL of Consul ({@code session_ttl_min = "1s"}).
     *
     * @param line the line
     * @return the changed copy
     */
    public ServerSpec line(String line) {
        return change(b -> b.lines.add(line));
    }

    /**
     * Starts the server and waits until it serves.
     *
     * @return the running server; close it to end it and delete what it wrote
     * @throws ServerUnavailableException if this machine cannot have such a server: a test that meets it is skipped with the
     *     reason
     * @throws IllegalStateException if it was started and did not come up, with the end of its log; also where a server cannot
     *     be had while the environment variable {@code CI} is {@code true}: there, a skip is a failure
     */
    public StoreServer start() {
        return start(() -> ServerHosts.chosenFor(kind), "true".equals(System.getenv("CI")));
    }

    StoreServer start(Supplier<ServerHost> host, boolean skipsAreFailures) {
        try {
            return StoreServer.start(this, host.get());
        } catch (ServerUnavailableException e) {
            if (skipsAreFailures) {
                throw new IllegalStateException("CI=true allows no skip: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    StoreKind kind() {
        return kind;
    }

    int nodes() {
        return nodes;
    }

    boolean hasTls() {
        return tls;
    }

    boolean isDurable() {
        return durable;
    }

    boolean hasMovableClock() {
        return movableClock;
    }

    @Nullable
    String credentialsPrefix() {
        return credentialsPrefix;
    }

    @Nullable
    PeerLinks peerLinks() {
        return peerLinks;
    }

    List<String> lines() {
        return lines;
    }

    private List<Object> parts() {
        String prefix = credentialsPrefix == null ? "" : "credentials for " + credentialsPrefix;
        Object between = peerLinks == null ? "" : peerLinks;
        return List.of(kind, nodes, tls, durable, movableClock, prefix, between, lines);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerSpec spec && parts().equals(spec.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    /** The specification in words. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.label());
        text.append(nodes == 1 ? "" : " of " + nodes + " nodes");
        text.append(tls ? ", TLS" : "");
        text.append(credentialsPrefix == null ? "" : ", credentials");
        text.append(durable ? ", durable" : "");
        text.append(movableClock ? ", movable clock" : "");
        text.append(peerLinks == null ? "" : ", links between the nodes");
        lines.forEach(line -> text.append(", ").append(line));
        return text.toString();
    }

    private ServerSpec change(Consumer<Builder> change) {
        Builder builder = new Builder(kind);
        builder.nodes = nodes;
        builder.tls = tls;
        builder.durable = durable;
        builder.movableClock = movableClock;
        builder.credentialsPrefix = credentialsPrefix;
        builder.peerLinks = peerLinks;
        builder.lines.addAll(lines);
        change.accept(builder);
        return new ServerSpec(builder);
    }

    private static final class Builder {
        private final StoreKind kind;
        private final List<String> lines = new ArrayList<>();
        private int nodes = 1;
        private boolean tls;
        private boolean durable;
        private boolean movableClock;
        private @Nullable String credentialsPrefix;
        private @Nullable PeerLinks peerLinks;

        Builder(StoreKind kind) {
            this.kind = kind;
        }
    }
}
