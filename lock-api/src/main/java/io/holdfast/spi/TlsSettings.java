// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.internal.config.TlsContext;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code tls.*}: which servers to trust and who we are; immutable. Whether TLS is used is the scheme's matter.
 *
 * @param ca PEM file of the certificates that sign the servers' ones; empty for the JVM's own trust store
 * @param certificate PEM file of the client's certificate and its chain; empty for none
 * @param key PEM file of the client's private key, PKCS#8, not encrypted, RSA or EC; empty for none
 * @param verify whether the server's certificate and name are checked; true unless told otherwise
 */
public record TlsSettings(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key, boolean verify) {
    /**
     * Checks for null only; the files are read by {@link #context()}.
     *
     * @param ca or empty
     * @param certificate or empty
     * @param key or empty
     * @param verify true to check the server
     */
    public TlsSettings {
        Objects.requireNonNull(ca, "ca");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
    }

    /**
     * Whether a failure means that one of the two sides refused TLS: a certificate, a name, a client without a certificate, a port that
     * does not speak TLS. Such a failure does not pass by itself (rule OP-1); a connection that broke in the middle of a handshake is
     * none, since it may.
     *
     * @param failure what a store's client threw, or null; its causes are looked at, too
     * @return false for any other failure, and for null
     */
    public static boolean isRefused(@Nullable Throwable failure) {
        return TlsContext.isRefused(failure);
    }

    /**
     * Makes a TLS context of the files, by the JDK alone. The files of {@link #certificate()} and {@link #key()} are read again at each
     * handshake, so that each new connection uses what is there then; while they cannot be read, the last ones are used.
     *
     * @return a new context
     * @throws io.holdfast.LockConfigException when a file is missing, unreadable or malformed, when there is a certificate
     *     without a key or a key without a certificate, or when the two do not belong together
     */
    public SSLContext context() {
        return TlsContext.of(this);
    }

    /**
     * Whom to trust, for a store client that takes the parts of a context only.
     *
     * @return empty without {@link #ca()}: then the JVM's own trust store counts. {@link #verify()} is not looked at
     * @throws io.holdfast.LockConfigException as {@link #context()}
     */
    public Optional<TrustManagerFactory> trustManagers() {
        return Optional.ofNullable(TlsContext.trustManagers(this));
    }

    /**
     * Who we are, for a store client that takes the parts of a context only; the files are read again as {@link #context()} says.
     *
     * @return empty without {@link #certificate()}
     * @throws io.holdfast.LockConfigException as {@link #context()}
     */
    public Optional<KeyManagerFactory> keyManagers() {
        return Optional.ofNullable(TlsContext.keyManagers(this));
    }
}
