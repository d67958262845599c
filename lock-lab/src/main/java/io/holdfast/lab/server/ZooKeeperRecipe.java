// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ZooKeeper. */
final class ZooKeeperRecipe implements Recipe {
    private static final Pattern VERSION = Pattern.compile("Zookeeper version: ([0-9.]+)");
    private static final int QUORUM_PORT = 1;
    private static final int ELECTION_PORT = 2;
    private static final String LOGIN = "login.conf";

    @Override
    public int ports() {
        return 3;
    }

    @Override
    public boolean clusters() {
        return true;
    }

    /** The ports of the quorum. */
    @Override
    public boolean peersCanBeLinked() {
        return true;
    }

    @Override
    public Map<String, String> environment(Site site) {
        List<String> flags = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (site.layout().credentials() != null) {
            flags.add("-Djava.security.auth.login.config=" + site.file(LOGIN));
        }
        site.spec().lines().stream().filter(ZooKeeperRecipe::isProperty).forEach(flags::add);
        return Map.of("SERVER_JVMFLAGS", String.join(" ", flags));
    }

    private static boolean isProperty(String line) {
        return line.startsWith("-D");
    }

    @Override
    public List<String> configure(Site site) throws IOException {
        Layout layout = site.layout();
        List<String> lines = new ArrayList<>();
        lines.add("tickTime=500");
        lines.add("initLimit=20");
        lines.add("syncLimit=10");
        // By default sessions last 20 ticks at most, which a short tick makes too short for the usual lease.
        lines.add("maxSessionTimeout=120000");
        lines.add("dataDir=" + site.data());
        lines.add("admin.enableServer=false");
        lines.add("4lw.commands.whitelist=*");
        lines.add("maxClientCnxns=0");
        lines.add("forceSync=" + (site.spec().isDurable() ? "yes" : "no"));
        lines.addAll(access(layout, site.clientPort()));
        if (layout.isCluster()) {
            lines.add("standaloneEnabled=false");
            layout.sites()
                    .forEach(peer -> lines.add("server.%d=127.0.0.1:%d:%d:participant"
                            .formatted(peer.index(), quorumPort(site, peer), peer.port(ELECTION_PORT))));
            Files.writeString(site.data().resolve("myid"), String.valueOf(site.index()));
        }
        lines.addAll(
                site.spec().lines().stream().filter(line -> !isProperty(line)).toList());
        Files.write(site.file("zoo.cfg"), lines);
        Credentials credentials = layout.credentials();
        if (credentials != null) {
            Files.writeString(site.file(LOGIN), login(credentials));
        }
        return List.of("start-foreground", site.file("zoo.cfg").toString());
    }

    /**
     * Where a node reaches another's quorum port. The election ports stay as they are: a server that is called by one of a lower
     * number calls back, at the address that the other names for itself. Nothing passes there while all follow one leader.
     */
    private static int quorumPort(Site from, Site to) {
        int port = to.port(QUORUM_PORT);
        PeerLinks links = from.spec().peerLinks();
        if (links == null || from.index() == to.index()) {
            return port;
        }
        InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return links.between(from.index(), to.index(), target).getPort();
    }

    /** The users of SASL's DIGEST-MD5. */
    private static String login(Credentials users) {
        return """
                Server {
                    org.apache.zookeeper.server.auth.DigestLoginModule required
                    user_%s="%s"
                    user_%s="%s";
                };
                """
                .formatted(users.admin(), users.adminPassword(), users.user(), users.password());
    }

    private static List<String> access(Layout layout, int port) {
        List<String> lines = new ArrayList<>();
        if (layout.tls() == null) {
            lines.add("clientPort=" + port);
            lines.add("clientPortAddress=" + layout.listen());
        } else {
            lines.add("secureClientPort=" + port);
            lines.add("secureClientPortAddress=" + layout.listen());
            lines.add("serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory");
            lines.add("ssl.keyStore.location=" + layout.tlsFile("server.pem"));
            lines.add("ssl.trustStore.location=" + layout.tlsFile("ca.pem"));
            lines.add("ssl.clientAuth=need");
        }
        Credentials credentials = layout.credentials();
        if (credentials != null) {
            lines.add("DigestAuthenticationProvider.superDigest="
                    + digest(credentials.admin(), credentials.adminPassword()));
            lines.add("authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider");
        }
        return lines;
    }

    /** The form in which ZooKeeper's digest scheme knows a user. */
    private static String digest(String user, String password) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((user + ":" + password).getBytes(StandardCharsets.UTF_8));
            return user + ":" + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    @Override
    public boolean isReady(Site site) throws IOException {
        return status(site).contains("Mode: ");
    }

    @Override
    public void prepare(Layout layout) {
        // The configuration says it all.
    }

    @Override
    public String version(Site site) throws IOException {
        Matcher matcher = VERSION.matcher(status(site));
        return matcher.find() ? matcher.group(1) : "without a number";
    }

    @Override
    public boolean leads(Site site) throws IOException {
        String status = status(site);
        return status.contains("Mode: leader") || status.contains("Mode: standalone");
    }

    static String status(Site site) throws IOException {
        try (Socket socket = Sockets.connect(site)) {
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
