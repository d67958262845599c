// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.spi.TlsSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A TLS context of PEM files, made by the JDK alone. */
public final class TlsContext {
    private static final String CA = CommonKey.TLS_CA.key();
    private static final String CERTIFICATE = CommonKey.TLS_CERTIFICATE.key();
    private static final String KEY = CommonKey.TLS_KEY.key();

    /** Of a peer that does not speak TLS, as the JDK and netty say it. */
    private static final List<String> REFUSALS =
            List.of("Unsupported or unrecognized SSL message", "not an SSL/TLS record", "certificate");

    private TlsContext() {}

    public static SSLContext of(TlsSettings tls) {
        KeyManagerFactory keys = keyManagers(tls);
        TrustManagerFactory trust = trustManagers(tls);
        TrustManager[] trusting = trust == null ? null : trust.getTrustManagers();
        return made(() -> {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys == null ? null : keys.getKeyManagers(),
                    tls.verify() ? trusting : new TrustManager[] {new TrustEverybody()},
                    null);
            return context;
        });
    }

    /** The authorities of the file, or null without one. It is read even when nothing is verified: a wrong file is a mistake that
     * would show the day verification is turned on. */
    public static @Nullable TrustManagerFactory trustManagers(TlsSettings tls) {
        if (tls.ca().isEmpty()) {
            return null;
        }
        return made(() -> {
            List<Certificate> authorities =
                    certificates(new PemFile(CA, tls.ca().get()));
            KeyStore store = emptyStore();
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        });
    }

    /** The client's certificate with its key, as their files have them at each handshake, or null without them. */
    public static @Nullable KeyManagerFactory keyManagers(TlsSettings tls) {
        KeyManagerFactory first = read(tls);
        return first == null ? null : FreshIdentity.factory(() -> read(tls), first);
    }

    /** As the files are now. */
    private static @Nullable KeyManagerFactory read(TlsSettings tls) {
        if (tls.certificate().isPresent() != tls.key().isPresent()) {
            String given = tls.key().isPresent() ? KEY : CERTIFICATE;
            String missing = tls.key().isPresent() ? CERTIFICATE : KEY;
            throw new LockConfigException("setting '" + given + "' needs '" + missing
                    + "' too: a client shows a certificate and proves it by its key");
        }
        if (tls.certificate().isEmpty() || tls.key().isEmpty()) {
            return null;
        }
        Path certificateFile = tls.certificate().get();
        PemFile keyFile = new PemFile(KEY, tls.key().get());
        return made(() -> {
            List<Certificate> chain = certificates(new PemFile(CERTIFICATE, certificateFile));
            PrivateKey key = privateKey(keyFile, chain.get(0).getPublicKey(), certificateFile);
            KeyStore store = emptyStore();
            char[] password = new char[0];
            store.setKeyEntry("client", key, password, chain.toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return factory;
        });
    }

    private interface Making<T> {
        T make() throws GeneralSecurityException, IOException;
    }

    private static <T> T made(Making<T> making) {
        try {
            return making.make();
        } catch (GeneralSecurityException | IOException failure) {
            throw new LockConfigException(
                    "cannot make a TLS context of the tls.* settings: " + failure.getMessage(), failure);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(PemFile file) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> certificates = new ArrayList<>();
        for (byte[] bytes : file.blocks("CERTIFICATE")) {
            try {
                certificates.add(factory.generateCertificate(new ByteArrayInputStream(bytes)));
            } catch (CertificateException malformed) {
                throw file.wrong("holds a block CERTIFICATE that is not an X.509 certificate", malformed);
            }
        }
        if (certificates.isEmpty()) {
            throw file.wrong("holds no PEM block CERTIFICATE", null);
        }
        return certificates;
    }

    private static PrivateKey privateKey(PemFile file, PublicKey publicKey, Path certificateFile) {
        List<byte[]> keys = file.blocks("PRIVATE KEY");
        if (keys.size() != 1) {
            boolean other = file.labels().stream().anyMatch(label -> label.endsWith("PRIVATE KEY"));
            throw file.wrong(
                    other && keys.isEmpty()
                            ? "holds a private key that is encrypted or not PKCS#8; convert it by"
                                    + " 'openssl pkcs8 -topk8 -nocrypt -in FILE'"
                            : "must hold one PEM block PRIVATE KEY and holds " + keys.size(),
                    null);
        }
        String algorithm = publicKey.getAlgorithm();
        try {
            PrivateKey key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(keys.get(0)));
            if (belongTogether(key, publicKey)) {
                return key;
            }
        } catch (GeneralSecurityException mismatch) {
            throw file.wrong(
                    "holds no " + algorithm + " key, which the certificate in " + certificateFile + " needs", mismatch);
        }
        throw file.wrong("holds a key that the certificate in " + certificateFile + " does not belong to", null);
    }

    /** Signs and verifies; a pair that does not match would show as an obscure failure of every handshake. */
    private static boolean belongTogether(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        String scheme =
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm();
                };
        byte[] sample = {1};
        Signature signature = Signature.getInstance(scheme);
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(sample);
        return signature.verify(signed);
    }

    /** Whether one side did not accept what the other one is: by the JDK's types, and where it has none by its words. */
    public static boolean isRefused(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String said = String.valueOf(t.getMessage());
            boolean words = said.contains("fatal alert") || REFUSALS.stream().anyMatch(said::contains);
            if (t instanceof GeneralSecurityException
                    || t instanceof SSLPeerUnverifiedException
                    || (t instanceof SSLException && words)) {
                return true;
            }
        }
        return false;
    }
}
