// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.server;

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
    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    /** Leaves a mark in the store that outlives a restart with data. */
    static void mark(StoreServer server) throws IOException {
        Site site = server.node(1).site();
        switch (family(server.kind())) {
            case "redis" -> redis(site, "SET holdfast:mark 1");
            case "zookeeper" -> openZooKeeperSession(site);
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
            // Opening a session is a transaction: one counted means that the log of transactions is still there.
            case "zookeeper" -> !ZooKeeperRecipe.status(site).contains("Zxid: 0x0\n");
            case "etcd" ->
                Http.field(
                                new Http(site)
                                        .post("/v3/kv/range", "{\"key\":\"%s\"}".formatted(base64("holdfast/mark"))),
                                "count")
                        .equals("1");
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

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first message of ZooKeeper's protocol and its answer. */
    private static void openZooKeeperSession(Site site) throws IOException {
        try (Socket socket = Sockets.connect(site)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(44);
            out.writeInt(0);
            out.writeLong(0);
            out.writeInt(10_000);
            out.writeLong(0);
            out.writeInt(16);
            out.write(new byte[16]);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readNBytes(in.readInt());
        }
    }
}
