// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
import io.holdfast.spi.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code tls.*} as ZooKeeper's client takes them: files, of which one has certificate and key together. That one is made
 * for the time the backend is open, readable by its user only.
 */
final class TlsClient implements AutoCloseable {
    private static final String PEM = "PEM";

    private final TlsSettings tls;
    private final @Nullable Path identity;

    /**
     * Checks the files.
     *
     * @param tls the settings
     * @throws LockConfigException when a file is missing or malformed, or the servers are not to be verified
     */
    TlsClient(TlsSettings tls) {
        if (!tls.verify()) {
            throw new LockConfigException(
                    "setting 'tls.verify' is false, which ZooKeeper's client cannot do; name the authority in 'tls.ca'");
        }
        tls.context(); // says more about malformed files than ZooKeeper would
        this.tls = tls;
        this.identity = identity(tls.certificate(), tls.key());
    }

    private static @Nullable Path identity(Optional<Path> certificate, Optional<Path> key) {
        if (certificate.isEmpty() || key.isEmpty()) {
            return null;
        }
        try {
            Path both = Files.createTempFile(
                    "holdfast-",
                    ".pem",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            both.toFile().deleteOnExit();
            Files.writeString(both, Files.readString(key.get()) + "\n" + Files.readString(certificate.get()));
            return both;
        } catch (IOException e) {
            throw new LockConfigException("the client's certificate and key could not be put together: " + e, e);
        }
    }

    void configure(ZKClientConfig client) {
        try (ClientX509Util keys = new ClientX509Util()) {
            client.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
            client.setProperty(
                    ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
            tls.ca().ifPresent(ca -> {
                client.setProperty(keys.getSslTruststoreLocationProperty(), ca.toString());
                client.setProperty(keys.getSslTruststoreTypeProperty(), PEM);
            });
            if (identity != null) {
                client.setProperty(keys.getSslKeystoreLocationProperty(), identity.toString());
                client.setProperty(keys.getSslKeystoreTypeProperty(), PEM);
            }
        }
    }

    @Override
    public void close() {
        try {
            if (identity != null) {
                Files.deleteIfExists(identity);
            }
        } catch (IOException e) {
            // It goes with the process.
        }
    }
}
