// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL. Its program, {@code postgres-15} of {@code servers/install.sh}, makes an empty directory a database first. */
final class PostgresRecipe implements Recipe {
    @Override
    public int ports() {
        return 1;
    }

    @Override
    public boolean clusters() {
        return false;
    }

    /** TERM would wait until all clients have left. */
    @Override
    public String endSignal() {
        return "INT";
    }

    @Override
    public List<String> configure(Site site) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("local all all trust");
        lines.add("host all root 127.0.0.1/32 trust");
        lines.add("host all all all " + (site.layout().credentials() == null ? "trust" : "scram-sha-256"));
        Files.write(site.file("hba.conf"), lines);
        List<String> arguments =
                new ArrayList<>(List.of(site.data().toString(), "-p", String.valueOf(site.clientPort())));
        List<String> settings = new ArrayList<>(List.of(
                "listen_addresses=" + site.layout().listen(),
                "unix_socket_directories=",
                "hba_file=" + site.file("hba.conf"),
                "shared_buffers=16MB",
                "max_connections=100",
                "fsync=" + (site.spec().isDurable() ? "on" : "off")));
        settings.addAll(site.spec().lines());
        settings.forEach(setting -> arguments.addAll(List.of("-c", setting)));
        return arguments;
    }

    @Override
    public boolean isReady(Site site) throws IOException {
        try (Postgres connection = Postgres.open(site)) {
            return connection.ask("SELECT 1").equals("1");
        }
    }

    @Override
    public void prepare(Layout layout) throws IOException {
        Credentials credentials = layout.credentials();
        if (credentials != null) {
            try (Postgres connection = Postgres.open(layout.first())) {
                connection.ask(
                        "CREATE ROLE " + credentials.user() + " LOGIN PASSWORD '" + credentials.password() + "'");
            }
        }
    }

    @Override
    public String version(Site site) throws IOException {
        try (Postgres connection = Postgres.open(site)) {
            return connection.ask("SHOW server_version").replaceAll(" .*", "");
        }
    }

    @Override
    public boolean leads(Site site) throws IOException {
        try (Postgres connection = Postgres.open(site)) {
            return connection.ask("SELECT pg_is_in_recovery()").equals("f");
        }
    }
}
