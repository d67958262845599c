// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is settled of a server before it starts: directories, ports, certificates, credentials. */
final class Layout {
    private final ServerSpec spec;
    private final Path directory;
    private final String listen;
    private final List<Site> sites = new ArrayList<>();
    private final @Nullable Credentials credentials;
    private final @Nullable TlsFiles tls;

    /**
     * Settles everything.
     *
     * @param listen the address that the nodes listen on for clients
     * @param ports as many as the nodes need
     */
    Layout(ServerSpec spec, Path directory, String listen, List<Integer> ports) throws IOException {
        this.spec = spec;
        this.directory = directory;
        this.listen = listen;
        int each = spec.kind().recipe().ports();
        for (int i = 0; i < spec.nodes(); i++) {
            Path own = Files.createDirectories(directory.resolve("n" + (i + 1)));
            Site site = new Site(this, i + 1, own, List.copyOf(ports.subList(i * each, (i + 1) * each)));
            Files.createDirectories(site.data());
            sites.add(site);
        }
        credentials = spec.credentialsPrefix() == null ? null : newCredentials(spec.credentialsPrefix());
        tls = spec.hasTls() ? Certificates.make(tlsDirectory()) : null;
    }

    /** New secrets each time, so that a test can search for them where they must not be. UUIDs, as Consul's tokens are. */
    private static Credentials newCredentials(String prefix) {
        return new Credentials(
                "root",
                UUID.randomUUID().toString(),
                "locker",
                UUID.randomUUID().toString(),
                prefix);
    }

    ServerSpec spec() {
        return spec;
    }

    ServerHost.Plan plan() {
        List<Integer> clientPorts = sites.stream().map(Site::clientPort).toList();
        return new ServerHost.Plan(spec.kind(), directory, clientPorts, spec.hasMovableClock());
    }

    Path directory() {
        return directory;
    }

    String listen() {
        return listen;
    }

    List<Site> sites() {
        return sites;
    }

    Site first() {
        return sites.get(0);
    }

    List<Site> others(Site site) {
        return sites.stream().filter(other -> other.index() != site.index()).toList();
    }

    boolean isCluster() {
        return sites.size() > 1;
    }

    @Nullable
    Credentials credentials() {
        return credentials;
    }

    @Nullable
    TlsFiles tls() {
        return tls;
    }

    /** A file of the server's certificate, as configuration names it. */
    String tlsFile(String name) {
        return tlsDirectory().resolve(name).toString();
    }

    private Path tlsDirectory() {
        return directory.resolve("tls");
    }
}
