// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** etcd. */
final class EtcdRecipe implements Recipe {
    private static final int PEER_PORT = 1;

    @Override
    public int ports() {
        return 2;
    }

    @Override
    public boolean clusters() {
        return true;
    }

    @Override
    public List<String> configure(Site site) {
        Layout layout = site.layout();
        String scheme = layout.tls() == null ? "http://" : "https://";
        List<String> options = new ArrayList<>();
        options.add("--name=" + site.name());
        options.add("--data-dir=" + site.data());
        options.add("--listen-client-urls=" + scheme + layout.listen() + ":" + site.clientPort());
        options.add("--advertise-client-urls=" + scheme + site.endpoint());
        options.add("--listen-peer-urls=" + peerUrl(site));
        options.add("--initial-advertise-peer-urls=" + peerUrl(site));
        options.add("--initial-cluster="
                + layout.sites().stream()
                        .map(peer -> peer.name() + "=" + peerUrl(peer))
                        .collect(Collectors.joining(",")));
        // The directory is new for each server: two clusters that
        // once had the same ports never take each other for one.
        options.add("--initial-cluster-token=" + layout.directory().getFileName());
        options.add("--initial-cluster-state=new");
        options.add("--logger=zap");
        options.add("--log-level=warn");
        if (layout.tls() != null) {
            options.add("--cert-file=" + layout.tlsFile("server.crt"));
            options.add("--key-file=" + layout.tlsFile("server.key"));
            options.add("--trusted-ca-file=" + layout.tlsFile("ca.crt"));
            options.add("--client-cert-auth");
        }
        if (site.spec().kind() == StoreKind.ETCD_3_5 && !site.spec().isDurable()) {
            options.add("--unsafe-no-fsync");
        }
        options.addAll(site.spec().lines());
        return options;
    }

    private static String peerUrl(Site site) {
        return "http://127.0.0.1:" + site.port(PEER_PORT);
    }

    @Override
    public boolean isReady(Site site) throws IOException {
        return Http.field(new Http(site).get("/health"), "health").equals("true");
    }

    @Override
    public void prepare(Layout layout) throws IOException {
        Credentials credentials = layout.credentials();
        if (credentials == null) {
            return;
        }
        Http http = new Http(layout.first());
        addUser(http, "root", credentials.admin(), credentials.adminPassword());
        addUser(http, "locks", credentials.user(), credentials.password());
        // Keys begin with the prefix, or with a slash and the prefix.
        for (String start : List.of(credentials.prefix(), "/" + credentials.prefix())) {
            http.post(
                    "/v3/auth/role/grant",
                    "{\"name\":\"locks\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\"%s\",\"range_end\":\"%s\"}}"
                            .formatted(base64(start), base64(after(start))));
        }
        http.post("/v3/auth/enable", "{}");
    }

    private static void addUser(Http http, String role, String user, String password) throws IOException {
        http.post("/v3/auth/role/add", "{\"name\":\"%s\"}".formatted(role));
        http.post("/v3/auth/user/add", "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(user, password));
        http.post("/v3/auth/user/grant", "{\"user\":\"%s\",\"role\":\"%s\"}".formatted(user, role));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first key after all that begin with a prefix of ASCII characters. */
    private static String after(String prefix) {
        int last = prefix.length() - 1;
        return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
    }

    @Override
    public String version(Site site) throws IOException {
        return Http.field(new Http(site).get("/version"), "etcdserver");
    }

    /** By the metrics: with TLS and users, etcd refuses every request about its state that comes as JSON. */
    @Override
    public boolean leads(Site site) throws IOException {
        return new Http(site).get("/metrics").lines().anyMatch("etcd_server_is_leader 1"::equals);
    }
}
