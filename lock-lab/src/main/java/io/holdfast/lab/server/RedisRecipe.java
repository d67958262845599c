// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Redis and its kin. */
final class RedisRecipe implements Recipe {
    private final String versionField;

    /** The field of {@code INFO server} that has the version: Valkey's {@code redis_version} is another's. */
    RedisRecipe(String versionField) {
        this.versionField = versionField;
    }

    @Override
    public int ports() {
        return 1;
    }

    @Override
    public boolean clusters() {
        return false;
    }

    @Override
    public boolean clockCanMove() {
        return true;
    }

    @Override
    public List<String> configure(Site site) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("bind " + site.layout().listen());
        // Protected mode refuses clients from outside the loopback
        // address, which is where a container's clients come from.
        lines.add("protected-mode no");
        lines.add("dir " + site.data());
        lines.add("save \"\"");
        if (site.spec().isDurable()) {
            lines.add("appendonly yes");
            lines.add("appendfsync always");
        }
        // What ends servers left behind by a killed JVM knows them by their command line.
        lines.add("set-proc-title no");
        lines.addAll(access(site.layout(), site.clientPort()));
        lines.addAll(site.spec().lines());
        Files.write(site.file("redis.conf"), lines);
        return List.of(site.file("redis.conf").toString());
    }

    private static List<String> access(Layout layout, int port) {
        List<String> lines = new ArrayList<>();
        if (layout.tls() == null) {
            lines.add("port " + port);
        } else {
            lines.add("port 0");
            lines.add("tls-port " + port);
            lines.add("tls-cert-file " + layout.tlsFile("server.crt"));
            lines.add("tls-key-file " + layout.tlsFile("server.key"));
            lines.add("tls-ca-cert-file " + layout.tlsFile("ca.crt"));
            lines.add("tls-auth-clients yes");
        }
        Credentials credentials = layout.credentials();
        if (credentials != null) {
            lines.add("user default off");
            lines.add("user " + credentials.admin() + " on >" + credentials.adminPassword() + " ~* &* +@all");
            lines.add("user " + credentials.user() + " on >" + credentials.password() + " ~" + credentials.prefix()
                    + "* &" + credentials.prefix() + "* +@read +@write +@scripting +@pubsub +@connection -@dangerous");
        }
        return lines;
    }

    @Override
    public boolean isReady(Site site) throws IOException {
        try (Resp resp = Resp.open(site)) {
            return resp.ask("PING").equals("PONG");
        }
    }

    @Override
    public void prepare(Layout layout) {
        // The configuration says it all.
    }

    @Override
    public String version(Site site) throws IOException {
        try (Resp resp = Resp.open(site)) {
            return resp.ask("INFO server")
                    .lines()
                    .filter(line -> line.startsWith(versionField + ":"))
                    .findFirst()
                    .map(line -> line.substring(versionField.length() + 1).strip())
                    .orElse("without " + versionField);
        }
    }

    @Override
    public boolean leads(Site site) {
        return true;
    }
}
