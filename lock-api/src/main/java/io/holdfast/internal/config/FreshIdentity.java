// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The client's certificate and key as their files hold them at each handshake, so that new ones are used once there is a new connection.
 */
final class FreshIdentity extends X509ExtendedKeyManager {
    private final Supplier<@Nullable KeyManagerFactory> files;
    private volatile X509ExtendedKeyManager newest;

    /**
     * Of files that have been read once.
     *
     * @param files reads them; null when there are none any more
     * @param first what they said
     */
    private FreshIdentity(Supplier<@Nullable KeyManagerFactory> files, KeyManagerFactory first) {
        this.files = files;
        this.newest = manager(first);
    }

    /** A factory whose one manager looks at the files again. */
    static KeyManagerFactory factory(Supplier<@Nullable KeyManagerFactory> files, KeyManagerFactory first) {
        return new Factory(new FreshIdentity(files, first), first.getProvider());
    }

    private static final class Factory extends KeyManagerFactory {
        Factory(KeyManager manager, Provider provider) {
            super(new One(manager), provider, "holdfast");
        }
    }

    /** Whatever it is told, it has the one. */
    private static final class One extends KeyManagerFactorySpi {
        private final KeyManager manager;

        One(KeyManager manager) {
            this.manager = manager;
        }

        @Override
        protected void engineInit(@Nullable KeyStore store, char @Nullable [] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {manager};
        }
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
            KeyManagerFactory now = files.get();
            if (now != null) {
                newest = manager(now);
            }
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
        return newest.getServerAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
            @Nullable String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return read().chooseServerAlias(type, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            @Nullable String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return read().chooseEngineServerAlias(type, issuers, engine);
    }
}
