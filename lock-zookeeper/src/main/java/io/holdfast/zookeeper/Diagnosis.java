// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.spi.DurationFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs;

/** What {@code holdfast doctor} says of an ensemble. It reads only. */
final class Diagnosis {
    private static final int ROUND_TRIPS = 5;
    private static final int FEWEST_SERVERS = 3;

    private static final String STRANGERS = "entries of others";

    private final Link link;
    private final LockPaths paths;
    private final ZooKeeperSettings settings;
    private final List<ServerWords> servers;

    Diagnosis(Link link, LockPaths paths, ZooKeeperSettings settings, List<ServerWords> servers) {
        this.link = link;
        this.paths = paths;
        this.settings = settings;
        this.servers = servers;
    }

    /**
     * Asks.
     *
     * @param executor may block: servers are asked by themselves, too
     */
    CompletableFuture<List<StoreFinding>> findings(Executor executor) {
        CompletableFuture<StoreFinding> ensemble = ensemble();
        CompletableFuture<StoreFinding> rights = rights();
        CompletableFuture<StoreFinding> latency = latency();
        CompletableFuture<StoreFinding> strangers = strangers();
        CompletableFuture<List<StoreFinding>> words = CompletableFuture.supplyAsync(this::words, executor);
        return CompletableFuture.allOf(ensemble, rights, latency, strangers, words)
                .thenApply(done -> {
                    List<StoreFinding> all = new ArrayList<>();
                    all.add(session());
                    all.add(ensemble.join());
                    all.add(latency.join());
                    all.add(rights.join());
                    all.add(strangers.join());
                    all.addAll(words.join());
                    return all;
                });
    }

    private StoreFinding session() {
        Duration timeout = link.sessionTimeout();
        String seen = "the servers agreed to " + DurationFormat.show(timeout) + ", 8 ticks are "
                + DurationFormat.show(settings.shortestLease());
        return timeout.compareTo(settings.shortestLease()) >= 0
                ? StoreFinding.ok("session", seen)
                : new StoreFinding(Verdict.UNSAFE, "session", seen, "ask for a longer lease");
    }

    /** The servers' own list of themselves is a node that everybody may read. */
    private CompletableFuture<StoreFinding> ensemble() {
        return link.requests().read(ZooDefs.CONFIG_NODE, null).handle((node, failure) -> {
            if (failure != null) {
                return new StoreFinding(
                        Verdict.UNKNOWN,
                        "ensemble",
                        "its list of servers cannot be read",
                        "let our user read " + ZooDefs.CONFIG_NODE);
            }
            long voters = node.text()
                    .lines()
                    .filter(line -> line.startsWith("server.") && !line.contains(":observer"))
                    .count();
            if (voters < FEWEST_SERVERS) {
                return new StoreFinding(
                        Verdict.WARNING,
                        "ensemble",
                        Math.max(1, voters) + " voting server(s): no lock can be had or kept while one is down",
                        "use three or five");
            }
            return voters % 2 == 1
                    ? StoreFinding.ok("ensemble", voters + " voting servers")
                    : new StoreFinding(
                            Verdict.WARNING,
                            "ensemble",
                            voters + " voting servers, which stand no more failures than one fewer",
                            "use an odd number");
        });
    }

    private CompletableFuture<StoreFinding> latency() {
        return roundTrips(ROUND_TRIPS, Long.MAX_VALUE).handle((nanos, failure) -> {
            if (failure != null) {
                return new StoreFinding(
                        Verdict.UNKNOWN,
                        "latency",
                        "the leader did not answer",
                        "look at the servers' logs and network");
            }
            String seen = TimeUnit.NANOSECONDS.toMicros(nanos) + " microseconds to the leader and back";
            return nanos < settings.tick().toNanos() / 2
                    ? StoreFinding.ok("latency", seen)
                    : new StoreFinding(
                            Verdict.WARNING,
                            "latency",
                            seen + ", more than half a tick",
                            "use a longer lease, or servers that are nearer");
        });
    }

    /** The best of several, as the first ones warm up. */
    private CompletableFuture<Long> roundTrips(int left, long best) {
        if (left == 0) {
            return CompletableFuture.completedFuture(best);
        }
        long began = link.now();
        return link.requests()
                .sync(paths.root())
                .thenCompose(done -> roundTrips(left - 1, Math.min(best, link.now() - began)));
    }

    private CompletableFuture<StoreFinding> rights() {
        return link.requests().rights(paths.root()).handle((acl, failure) -> {
            if (Failures.is(failure, Code.NONODE)) {
                return StoreFinding.ok("who may write", "nobody has made " + paths.root() + " yet");
            }
            if (failure != null) {
                return new StoreFinding(
                        Verdict.UNKNOWN, "who may write", "not shown to us", "look at the ACL of " + paths.root());
            }
            boolean open = acl.stream()
                    .anyMatch(one -> one.getId().getScheme().equals("world")
                            && (one.getPerms() & (ZooDefs.Perms.DELETE | ZooDefs.Perms.CREATE)) != 0);
            return open
                    ? new StoreFinding(
                            Verdict.WARNING,
                            "who may write",
                            "whoever reaches the servers, and so can free or forge every lock",
                            "give a user and a password")
                    : StoreFinding.ok("who may write", acl.size() + " identity(s) that " + paths.root() + " names");
        });
    }

    /** Nodes that are no lock's: they hide none and stop none, and make the one answer longer in which all names come. */
    private CompletableFuture<StoreFinding> strangers() {
        return link.requests().children(paths.root()).handle((children, failure) -> {
            if (Failures.is(failure, Code.NONODE)) {
                return StoreFinding.ok(STRANGERS, "none");
            }
            if (failure != null) {
                return new StoreFinding(
                        Verdict.UNKNOWN,
                        STRANGERS,
                        "the nodes under " + paths.root() + " could not be read",
                        "ask again when the servers answer; of a lent client, raise jute.maxbuffer");
            }
            long foreign = children.stream()
                    .filter(node -> !paths.sessions().endsWith("/" + node))
                    .filter(node -> LockPaths.name(node).isEmpty())
                    .count();
            String of = " of " + children.size() + " nodes";
            return foreign == 0
                    ? StoreFinding.ok(STRANGERS, "none" + of)
                    : new StoreFinding(
                            Verdict.WARNING,
                            STRANGERS,
                            foreign + of + " under " + paths.root() + " are not of locks",
                            "give locks a 'prefix' of their own, or take the others away");
        });
    }

    private List<StoreFinding> words() {
        List<StoreFinding> found = new ArrayList<>();
        for (ServerWords server : servers) {
            found.add(server.say("srvr")
                    .map(said -> StoreFinding.ok(
                            "server " + server,
                            ServerWords.value(said, "Mode").orElse("mode unknown") + ", version "
                                    + version(said) + ", latency min/avg/max "
                                    + ServerWords.value(said, "Latency min/avg/max")
                                            .orElse("unknown")
                                    + ServerWords.value(server.say("mntr").orElse(""), "zk_watch_count")
                                            .map(count -> ", watches " + count)
                                            .orElse("")))
                    .orElseGet(() -> new StoreFinding(
                            Verdict.WARNING,
                            "server " + server,
                            "does not answer 'srvr'",
                            "see that it runs, and that 4lw.commands.whitelist has srvr")));
        }
        longestSession().ifPresent(found::add);
        found.add(tick());
        return found;
    }

    private static String version(String said) {
        return ServerWords.value(said, "Zookeeper version")
                .map(version -> version.split("[-,]", 2)[0])
                .orElse("unknown");
    }

    /** What the servers say of themselves by {@code conf}, in milliseconds. */
    private Stream<Duration> configured(String key) {
        return servers.stream()
                .flatMap(server -> server.say("conf").stream())
                .flatMap(said -> ServerWords.value(said, key).stream())
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(text -> Duration.ofMillis(Long.parseLong(text)));
    }

    /** A client may connect to any of them next, and has the session that this one grants then. */
    private Optional<StoreFinding> longestSession() {
        Duration lease = link.plan().lease();
        return configured("maxSessionTimeout").min(Duration::compareTo).map(least -> {
            String seen = "every server grants sessions of " + DurationFormat.show(least) + ", the lease is "
                    + DurationFormat.show(lease);
            return least.compareTo(lease) >= 0
                    ? StoreFinding.ok("longest session", seen)
                    : new StoreFinding(
                            Verdict.UNSAFE,
                            "longest session",
                            seen,
                            "raise maxSessionTimeout on every server, or shorten the lease");
        });
    }

    private StoreFinding tick() {
        Optional<Duration> longest = configured("tickTime").max(Duration::compareTo);
        if (longest.isEmpty()) {
            return new StoreFinding(
                    Verdict.UNKNOWN,
                    "tick",
                    "the servers do not tell their tickTime; the setting 'tick' is "
                            + DurationFormat.show(settings.tick()),
                    "compare it with tickTime in zoo.cfg, or put conf on 4lw.commands.whitelist");
        }
        Duration tick = longest.get();
        String seen = "the servers' tickTime is " + DurationFormat.show(tick) + ", the setting 'tick' is "
                + DurationFormat.show(settings.tick());
        return tick.compareTo(settings.tick()) <= 0
                ? StoreFinding.ok("tick", seen)
                : new StoreFinding(Verdict.UNSAFE, "tick", seen, "set tick=" + tick.toMillis() + "ms on every client");
    }
}
