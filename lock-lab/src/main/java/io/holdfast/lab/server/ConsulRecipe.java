// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Consul. */
final class ConsulRecipe implements Recipe {
    private static final int SERVER_PORT = 1;
    private static final int SERF_PORT = 2;

    @Override
    public int ports() {
        return 3;
    }

    @Override
    public boolean clusters() {
        return true;
    }

    @Override
    public List<String> configure(Site site) throws IOException {
        Files.write(site.file("consul.hcl"), settings(site));
        // Read after the first: what it says overrides that.
        Files.write(site.file("more.hcl"), site.spec().lines());
        List<String> arguments = new ArrayList<>(List.of("agent"));
        if (isInMemory(site)) {
            arguments.add("-dev");
        }
        arguments.addAll(List.of("-config-file", site.file("consul.hcl").toString()));
        arguments.addAll(List.of("-config-file", site.file("more.hcl").toString()));
        return arguments;
    }

    private static boolean isInMemory(Site site) {
        return !site.spec().isDurable() && !site.layout().isCluster();
    }

    private static List<String> settings(Site site) {
        Layout layout = site.layout();
        boolean tls = layout.tls() != null;
        List<String> lines = new ArrayList<>();
        lines.add(setting("node_name", site.name()));
        lines.add(setting("bind_addr", "127.0.0.1"));
        lines.add(setting("client_addr", layout.listen()));
        lines.add("ports { http = %d https = %d dns = -1 grpc = -1 server = %d serf_lan = %d serf_wan = -1 }"
                .formatted(
                        tls ? -1 : site.clientPort(),
                        tls ? site.clientPort() : -1,
                        site.port(SERVER_PORT),
                        site.port(SERF_PORT)));
        lines.add(setting("log_level", "warn"));
        // The default, 5, takes 16 seconds to elect a leader.
        lines.add("performance { raft_multiplier = 1 }");
        lines.add("skip_leave_on_interrupt = true");
        lines.add("leave_on_terminate = false");
        lines.add("disable_update_check = true");
        if (!isInMemory(site)) {
            lines.addAll(onDisk(site));
        }
        if (tls) {
            lines.add(setting("ca_file", layout.tlsFile("ca.crt")));
            lines.add(setting("cert_file", layout.tlsFile("server.crt")));
            lines.add(setting("key_file", layout.tlsFile("server.key")));
            lines.add("verify_incoming_https = true");
            lines.add("verify_incoming_rpc = true");
            lines.add("verify_outgoing = true");
        }
        Credentials credentials = layout.credentials();
        if (credentials != null) {
            lines.add("acl { enabled = true default_policy = \"deny\" enable_token_persistence = true"
                    + " tokens { master = \"%1$s\" agent = \"%1$s\" } }".formatted(credentials.adminPassword()));
        }
        return lines;
    }

    private static List<String> onDisk(Site site) {
        String peers = site.layout().others(site).stream()
                .map(peer -> "\"127.0.0.1:" + peer.port(SERF_PORT) + "\"")
                .collect(Collectors.joining(", "));
        return List.of(
                "server = true",
                "bootstrap_expect = " + site.spec().nodes(),
                setting("data_dir", site.data().toString()),
                setting("retry_interval", "1s"),
                "retry_join = [" + peers + "]");
    }

    private static String setting(String name, String value) {
        return name + " = \"" + value + "\"";
    }

    /** A leader may be known before sessions can be made, and locks need sessions. */
    @Override
    public boolean isReady(Site site) throws IOException {
        Http http = admin(site);
        if (site.layout().credentials() != null) {
            // Access lists begin in a mode of old that knows no policies, until all servers have found each other.
            http.get("/v1/acl/policies");
        }
        String session = Http.field(http.put("/v1/session/create", "{\"Name\":\"ready\"}"), "ID");
        return !session.isEmpty()
                && http.put("/v1/session/destroy/" + session, null).strip().equals("true");
    }

    @Override
    public void prepare(Layout layout) throws IOException {
        Credentials credentials = layout.credentials();
        if (credentials == null) {
            return;
        }
        Http http = admin(layout.first());
        String rules =
                "key_prefix \\\"%s\\\" { policy = \\\"write\\\" } session_prefix \\\"\\\" { policy = \\\"write\\\" }"
                                .formatted(credentials.prefix())
                        + " node_prefix \\\"\\\" { policy = \\\"read\\\" } agent_prefix \\\"\\\" { policy = \\\"read\\\" }";
        http.put("/v1/acl/policy", "{\"Name\":\"locks\",\"Rules\":\"" + rules + "\"}");
        http.put(
                "/v1/acl/token",
                "{\"SecretID\":\"%s\",\"Policies\":[{\"Name\":\"locks\"}]}".formatted(credentials.password()));
    }

    @Override
    public String version(Site site) throws IOException {
        return Http.field(admin(site).get("/v1/agent/self"), "Version");
    }

    @Override
    public boolean leads(Site site) throws IOException {
        return admin(site).get("/v1/status/leader").contains("\"127.0.0.1:" + site.port(SERVER_PORT) + "\"");
    }

    private static Http admin(Site site) {
        @Nullable Credentials credentials = site.layout().credentials();
        return new Http(site, credentials == null ? Map.of() : Map.of("X-Consul-Token", credentials.adminPassword()));
    }
}
