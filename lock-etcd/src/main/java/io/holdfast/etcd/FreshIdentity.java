// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.spi.TlsSettings;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The client's certificate and key as their files hold them at each handshake, so that new ones are used once there is a new connection. */
final class FreshIdentity extends X509ExtendedKeyManager {
    private final TlsSettings tls;
    private volatile X509ExtendedKeyManager newest;

    /**
     * Reads the files for the first time.
     *
     * @throws io.holdfast.LockConfigException as {@link TlsSettings#keyManagers()}
     */
    FreshIdentity(TlsSettings tls, KeyManagerFactory first) {
        this.tls = tls;
        this.newest = manager(first);
    }

    private static X509ExtendedKeyManager manager(KeyManagerFactory factory) {
        return Stream.of(factory.getKeyManagers())
                .filter(X509ExtendedKeyManager.class::isInstance)
                .map(X509ExtendedKeyManager.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** A handshake begins with the choice. Files that cannot be read just now, half written perhaps, leave what was there. */
    private X509ExtendedKeyManager read() {
        try {
            tls.keyManagers().ifPresent(factory -> newest = manager(factory));
        } catch (RuntimeException unreadable) {
            return newest;
        }
        return newest;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String @Nullable [] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return read().chooseEngineClientAlias(types, issuers, engine);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String @Nullable [] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return read().chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String @Nullable [] getClientAliases(@Nullable String type, Principal @Nullable [] issuers) {
        return newest.getClientAliases(type, issuers);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        return newest.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        return newest.getPrivateKey(alias);
    }

    @Override
    public String @Nullable [] getServerAliases(@Nullable String type, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            @Nullable String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
