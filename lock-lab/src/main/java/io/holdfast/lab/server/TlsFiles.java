// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a client needs to speak TLS with a server: PEM files for those that read PEM, key stores for those that do not.
 *
 * @param ca the certificate of the authority that signed the server's
 * @param certificate the client's certificate
 * @param key the client's private key
 * @param keyStore the client's certificate and key, PKCS #12
 * @param trustStore the authority's certificate, PKCS #12
 * @param storePassword the password of both key stores
 */
public record TlsFiles(Path ca, Path certificate, Path key, Path keyStore, Path trustStore, String storePassword) {

    /**
     * A context that trusts the authority and shows the client's certificate.
     *
     * @return a new context
     * @throws UncheckedIOException if the files cannot be read, because the server was closed
     */
    public SSLContext sslContext() {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(load(keyStore), storePassword.toCharArray());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(load(trustStore));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException("the certificates of the test servers cannot be read", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the certificates of the test servers cannot be used", e);
        }
    }

    private KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, storePassword.toCharArray());
        }
        return store;
    }

    /** The files for PEM files that are there; makes the key stores. */
    static TlsFiles of(Path directory, String client) throws IOException, GeneralSecurityException {
        Path ca = directory.resolve("ca.crt");
        Path certificate = directory.resolve(client + ".crt");
        Path key = directory.resolve(client + ".key");
        String password = "changeit";
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(client, privateKey(key), password.toCharArray(), new Certificate[] {
            certificate(certificate), certificate(ca)
        });
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("ca", certificate(ca));
        Path keyStore = store(keys, directory.resolve(client + ".p12"), password);
        Path trustStore = store(trust, directory.resolve("trust.p12"), password);
        return new TlsFiles(ca, certificate, key, keyStore, trustStore, password);
    }

    private static Path store(KeyStore store, Path file, String password) throws IOException, GeneralSecurityException {
        try (var out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
        return file;
    }

    private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        String body = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        byte[] encoded = Base64.getMimeDecoder().decode(body);
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }
}
