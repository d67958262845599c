// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Writes and reads in each store's own protocol, as far as these tests need it. */
abstract class ServerTestBase {
    /** Nodes that an empty ZooKeeper has. */
    private static final int NODES_OF_ITS_OWN = 5;

    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    static void assumeProgramsOfThisMachine() {
        assumeTrue(
                ServerHosts.chosen() instanceof ProgramHost, "for programs of this machine only, not for containers");
    }

    /** Leaves a mark in the store that outlives a restart with data. */
    static void mark(StoreServer server) throws IOException {
        Site site = server.node(1).site();
        switch (family(server.kind())) {
            case "redis" -> redis(site, "SET holdfast:mark 1");
            case "zookeeper" -> createZooKeeperNode(site);
            case "postgresql" -> postgres(site, "CREATE TABLE mark ()");
            case "mariadb" -> mariadb(site, "CREATE TABLE mark (id INT)");
            case "etcd" ->
                new Http(site)
                        .post("/v3/kv/put", "{\"key\":\"%s\",\"value\":\"MQ==\"}".formatted(base64("holdfast/mark")));
            default -> new Http(site).put("/v1/kv/holdfast/mark", "1");
        }
    }

    static boolean isMarked(StoreServer server) throws IOException {
        Site site = server.node(1).site();
        return switch (family(server.kind())) {
            case "redis" -> redis(site, "EXISTS holdfast:mark").equals("1");
            case "zookeeper" -> !ZooKeeperRecipe.status(site).contains("Node count: " + NODES_OF_ITS_OWN + "\n");
            case "etcd" ->
                Http.field(
                                new Http(site)
                                        .post("/v3/kv/range", "{\"key\":\"%s\"}".formatted(base64("holdfast/mark"))),
                                "count")
                        .equals("1");
            case "postgresql" ->
                postgres(site, "SELECT count(*) FROM pg_tables WHERE tablename = 'mark'")
                        .equals("1");
            case "mariadb" -> mariadbHas(site, "mark");
            default -> new Http(site).get("/v1/kv/?keys").contains("holdfast/mark");
        };
    }

    private static String family(StoreKind kind) {
        return kind.label().replaceAll("-.*", "").replace("valkey", "redis");
    }

    static String redis(Site site, String command) throws IOException {
        try (Resp resp = Resp.open(site)) {
            return resp.ask(command);
        }
    }

    static String postgres(Site site, String statement) throws IOException {
        try (Postgres connection = Postgres.open(site)) {
            return connection.ask(statement);
        }
    }

    private static int mariadb(Site site, String statement) throws IOException {
        try (Mariadb connection = Mariadb.open(site)) {
            return connection.ask(statement);
        }
    }

    private static boolean mariadbHas(Site site, String table) throws IOException {
        try (Mariadb connection = Mariadb.open(site)) {
            return connection.ask("SELECT * FROM " + table) == 1;
        } catch (IOException e) {
            if (!e.getMessage().contains("doesn't exist")) {
                throw e;
            }
            return false;
        }
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Opens a session and creates a node, in ZooKeeper's own protocol: there is no client in this module. */
    private static void createZooKeeperNode(Site site) throws IOException {
        try (Socket socket = Sockets.connect(site)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteArrayOutputStream connect = new ByteArrayOutputStream();
            DataOutputStream to = new DataOutputStream(connect);
            to.writeInt(0); // version of the protocol
            to.writeLong(0); // last transaction seen
            to.writeInt(10_000); // session timeout
            to.writeLong(0); // a new session
            to.writeInt(16);
            to.write(new byte[16]); // its password
            exchange(socket, in, connect.toByteArray());

            ByteArrayOutputStream create = new ByteArrayOutputStream();
            to = new DataOutputStream(create);
            to.writeInt(1); // number of the request
            to.writeInt(1); // create
            writeText(to, "/mark");
            to.writeInt(0); // no data
            to.writeInt(1); // one entry in the access list
            to.writeInt(31);
            writeText(to, "world");
            writeText(to, "anyone");
            to.writeInt(0); // persistent
            exchange(socket, in, create.toByteArray());
        }
    }

    private static void writeText(DataOutputStream to, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    private static void exchange(Socket socket, DataInputStream in, byte[] message) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(message.length);
        out.write(message);
        out.flush();
        in.readNBytes(in.readInt());
    }
}
