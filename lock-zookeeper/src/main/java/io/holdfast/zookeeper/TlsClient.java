// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
import io.holdfast.spi.TlsSettings;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.jspecify.annotations.Nullable;

/** The settings {@code tls.*} as ZooKeeper's client takes them: files, which it reads whenever it makes a connection. */
final class TlsClient {
    private static final String PEM = "PEM";

    private final TlsSettings tls;

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
    }

    /**
     * Sets a client up.
     *
     * @param now the wall clock's time
     * @return who we are to the servers; null when we say nothing of it
     */
    @Nullable
    TlsIdentity configure(ZKClientConfig client, long now) {
        try (ClientX509Util names = new ClientX509Util()) {
            client.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
            client.setProperty(
                    ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
            tls.ca().ifPresent(ca -> {
                client.setProperty(names.getSslTruststoreLocationProperty(), ca.toString());
                client.setProperty(names.getSslTruststoreTypeProperty(), PEM);
            });
            if (tls.certificate().isEmpty() || tls.key().isEmpty()) {
                return null;
            }
            client.setProperty(names.getSslKeystoreTypeProperty(), PEM);
        }
        TlsIdentity.sweep(now);
        return new TlsIdentity(tls.certificate().orElseThrow(), tls.key().orElseThrow(), client);
    }
}
